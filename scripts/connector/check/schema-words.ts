/** Words that the schemas here are written in. An object holds what it names and nothing else. */
export const text = { type: "string", minLength: 1 };

export const only = (properties: object, required: string[] = []) => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});

export const map = (values: object, names?: object) => ({
  type: "object",
  additionalProperties: values,
  ...(names && { propertyNames: names }),
});

export const ref = (name: string) => ({ $ref: `#/definitions/${name}` });

// Texts, not booleans: the products read them so.
const yesOrNo = { enum: ["true", "false"] };

/** How anyone who makes a connection is asked for a value of it; each product adds constraints of its own. */
export const uiDefinition = (ownConstraints: object = {}) =>
  only({
    displayName: text,
    description: text,
    tooltip: text,
    constraints: only({
      tabIndex: { type: "integer" },
      clearText: { type: "boolean" },
      required: yesOrNo,
      hidden: yesOrNo,
      ...ownConstraints,
    }),
  });

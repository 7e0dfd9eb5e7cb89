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

/** Names of steps: those that fit into the addresses of runs. */
export const steps = (values: object) => map(values, { pattern: "^[A-Za-z0-9_]{1,80}$" });

import { bodyParameterOf, notificationOf, operationsOf, parametersOf, resolve } from "./check/walk.ts";
import { isObject, type JsonObject, listAt, objectAt, textAt } from "./json.ts";

/**
 * What an author sees of an operation in the designer: the fields of its card, and the titles of the tokens that the next
 * action may use. Titles are computed by the rules of the designer's own parser (Azure/LogicAppsUX,
 * libs/logic-apps-shared/src/parsers/lib/common/schemaprocessor.ts): the titles of all objects and list entries around
 * a field go before its own; a list's own title does where its entries have none.
 */
export interface Card {
  operationId: string;
  summary: string;
  /** Fields that are there at once, and those behind "Advanced parameters"; one that is required ends with `*`. */
  shown: string[];
  advanced: string[];
  tokens: string[];
}

export function cardsOf(definition: JsonObject): Card[] {
  return operationsOf(definition)
    .filter(({ operation }) => operation["x-ms-visibility"] !== "internal")
    .map(({ place, path, operation }) => {
      const fields = fieldsOf(definition, operation).filter(({ visibility }) => visibility !== "internal");
      const isShown = ({ visibility, required }: Field) => required || visibility === "important";
      const titleOf = ({ title, required }: Field) => (required ? `${title} *` : title);
      return {
        operationId: place,
        summary: textAt(operation, "summary") ?? "",
        shown: fields.filter(isShown).map(titleOf),
        advanced: fields.filter((field) => !isShown(field)).map(titleOf),
        tokens: tokensOf(definition, outputOf(definition, path, operation)),
      };
    });
}

/** The table of `connector/designer.md`. */
export function designerPage(definition: JsonObject): string {
  const rows = cardsOf(definition).map(
    ({ summary, shown, advanced, tokens }) =>
      `| **${summary}** | ${shown.join(", ")} | ${advanced.join(", ")} | ${tokens.join(", ")} |`,
  );
  return [
    "# What an author sees",
    "",
    "Written by `npm run connector`, by the rules of the designer's own parser. \\* is required. Lists of choices (**Deployment**, **Size**,",
    "**Quality** and so on) have what the chosen deployment takes, or what any deployment takes that can do the action.",
    "",
    "| Operation | Fields | Advanced | Tokens for the next action |",
    "| --- | --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}

interface Field {
  title: string;
  visibility: string | undefined;
  required: boolean;
}

/** A body's properties are fields of their own. */
function fieldsOf(definition: JsonObject, operation: JsonObject): Field[] {
  const body = resolve(definition, bodyParameterOf(operation)?.["schema"]);
  const required = listAt(body, "required");
  const properties = Object.entries(objectAt(body, "properties")).map(([name, property]): Field => {
    const schema = { ...resolve(definition, property) };
    return fieldOf(name, schema, required.includes(name));
  });
  const others = parametersOf(operation)
    .filter((parameter) => parameter["in"] !== "body")
    .map((parameter) => fieldOf(textAt(parameter, "name") ?? "", parameter, parameter["required"] === true));
  return [...others, ...properties];
}

function fieldOf(name: string, schema: JsonObject, required: boolean): Field {
  return {
    title: textAt(schema, "x-ms-summary") ?? name,
    visibility: textAt(schema, "x-ms-visibility"),
    required,
  };
}

/** Of a callback that which is told there; else the answer that a designer reads outputs from. */
function outputOf(definition: JsonObject, path: string, operation: JsonObject): JsonObject {
  const notification = notificationOf(definition, path);
  const responses = objectAt(operation, "responses");
  const answer = "200" in responses ? objectAt(responses, "200") : objectAt(responses, "201");
  return resolve(definition, ("schema" in notification ? notification : answer)["schema"]);
}

export function tokensOf(definition: JsonObject, schema: JsonObject, name = "Body", before = ""): string[] {
  const own = joined(before, textAt(schema, "x-ms-summary"));
  const properties = Object.entries(objectAt(schema, "properties"));
  if (properties.length > 0)
    return properties.flatMap(([key, property]) =>
      tokensOf(definition, resolve(definition, property), key, own),
    );
  const title = joined(before, textAt(schema, "x-ms-summary") ?? name);
  if (!isObject(schema["items"])) return textAt(schema, "type") === undefined ? [] : [title];
  const entry = resolve(definition, schema["items"]);
  const around = textAt(entry, "x-ms-summary") === undefined ? own : before;
  return [...tokensOf(definition, entry, "Item", around), title];
}

function joined(before: string, own: string | undefined): string {
  return [before, own ?? ""].filter((part) => part !== "").join(" ");
}

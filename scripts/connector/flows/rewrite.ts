import { isObject, type Json, type JsonObject, objectAt } from "../json.ts";
import type { Expression } from "./expression.ts";
import type { Step } from "./workflow.ts";

/** A sample in the form of another product: what is common to all forms. */

/** The definition with each call of a connector as `change` has it. */
export function withCalls(node: Json, change: (step: Step) => JsonObject, name = ""): Json {
  if (Array.isArray(node)) return node.map((entry) => withCalls(entry, change));
  if (!isObject(node)) return node;
  const type = node["type"];
  if (type === "ApiConnection" || type === "ApiConnectionWebhook")
    return change({ name, kind: "action", type, node, around: [] });
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, withCalls(value, change, key)]));
}

/** The same with other names for its own parameters. */
export function withParameters(node: Json, nameOf: (parameter: string) => string): Json {
  if (typeof node === "string")
    return node.replace(
      /\bparameters\('([^$'][^']*)'\)/g,
      (_, name: string) => `parameters('${nameOf(name)}')`,
    );
  if (Array.isArray(node)) return node.map((entry) => withParameters(entry, nameOf));
  if (!isObject(node)) return node;
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, withParameters(value, nameOf)]));
}

/** The parameters that are filled in when it is deployed, each with its default. */
export function ownParameters(definition: JsonObject): { name: string; initial: Json | undefined }[] {
  return Object.entries(objectAt(definition, "parameters"))
    .filter(([name]) => !name.startsWith("$"))
    .map(([name, parameter]) => ({
      name,
      initial: isObject(parameter) ? parameter["defaultValue"] : undefined,
    }));
}

/** An expression as it is written, without an at sign. */
export function written(expression: Expression): string {
  if (expression.kind === "call") return `${expression.name}(${expression.given.map(written).join(", ")})`;
  if (expression.kind === "member") return `${written(expression.of)}?[${written(expression.key)}]`;
  const { value } = expression;
  return typeof value === "string" ? `'${value.replaceAll("'", "''")}'` : String(value);
}

import { isObject, type Json, type JsonObject, objectAt, textAt } from "../../../scripts/connector/json.ts";
import type { Definition, Operation } from "./definition.ts";

/** What an author fills in, by the names of parameters. */
export type Inputs = Record<string, Json>;

export interface Request {
  operation: Operation;
  /** Path and query. */
  address: string;
  headers: Record<string, string>;
  body?: Json;
}

export interface Filling {
  /** The inputs are what expressions came to: no designer knows them before the run, so they are sent as they are. */
  unchecked?: boolean;
  /** Fills in what the author can't see: where an action is to be called back. */
  callbackUrl?: string;
}

/**
 * The request of an operation, as a designer and its gateway make it from nothing but the definition. Throws what a
 * designer says of a form that can't be saved.
 */
export function buildRequest(
  definition: Definition,
  operationId: string,
  inputs: Inputs,
  filling: Filling = {},
): Request {
  const operation = definition.operation(operationId);
  const complaints = filling.unchecked ? [] : complaintsOf(definition, operation, inputs);
  if (complaints.length > 0) throw new Error(`${operationId}: ${complaints.join("; ")}`);
  const given = operation.parameters.flatMap((parameter): [JsonObject, Json][] => {
    const value = valueOf(definition, parameter, inputs, filling);
    return value === undefined ? [] : [[parameter, value]];
  });
  const placed = (place: string) => given.filter(([parameter]) => parameter["in"] === place);

  let path = operation.path;
  for (const [parameter, value] of placed("path"))
    path = path.replace(`{${nameOf(parameter)}}`, encoded(parameter, textOf(value)));
  const query = placed("query").flatMap(([parameter, value]) =>
    textsOf(parameter, value).map((text) => `${nameOf(parameter)}=${encodeURIComponent(text)}`),
  );
  const headers = placed("header").map(([parameter, value]) => [nameOf(parameter), textOf(value)]);
  const [body] = placed("body");
  return {
    operation,
    address: `${definition.basePath}${path}${query.length === 0 ? "" : `?${query.join("&")}`}`,
    headers: Object.fromEntries(headers) as Record<string, string>,
    ...(body && { body: body[1] }),
  };
}

/** Where the property is that holds the address of a callback; undefined where an operation has none. */
export function notificationField(definition: Definition, operation: Operation): string | undefined {
  const body = operation.parameters.find((parameter) => parameter["in"] === "body");
  const properties = objectAt(definition.resolve(body?.["schema"]), "properties");
  return Object.keys(properties).find((name) => isTrue(properties[name], "x-ms-notification-url"));
}

function complaintsOf(definition: Definition, { parameters }: Operation, inputs: Inputs): string[] {
  const unknown = Object.keys(inputs)
    .filter((name) => !parameters.some((parameter) => nameOf(parameter) === name && !isInternal(parameter)))
    .map((name) => `${name} is no field of its form`);
  const misfits = parameters.flatMap((parameter) => {
    const name = nameOf(parameter);
    const value = inputs[name];
    if (value !== undefined)
      return definition
        .misfits(shownSchema(definition, parameter), value)
        .map((misfit) => `${name}: ${misfit}`);
    return isTrue(parameter, "required") && parameter["default"] === undefined ? [`${name} is required`] : [];
  });
  return [...unknown, ...misfits];
}

/** What an author may fill in: of a body, all but its internal properties. */
function shownSchema(definition: Definition, parameter: JsonObject): JsonObject {
  if (parameter["in"] === "body") {
    const schema = definition.resolve(parameter["schema"]);
    const shown = Object.entries(objectAt(schema, "properties")).filter(
      ([, property]) => !isInternal(property),
    );
    const required = Array.isArray(schema["required"]) ? schema["required"] : [];
    return {
      ...schema,
      properties: Object.fromEntries(shown),
      required: required.filter((name) => shown.some(([other]) => other === name)),
    };
  }
  // `required` says something else here than in a schema.
  return Object.fromEntries(Object.entries(parameter).filter(([key]) => key !== "required"));
}

function valueOf(
  definition: Definition,
  parameter: JsonObject,
  inputs: Inputs,
  { callbackUrl }: Filling,
): Json | undefined {
  const usual = isInternal(parameter) || isTrue(parameter, "required") ? parameter["default"] : undefined;
  const value = inputs[nameOf(parameter)] ?? usual;
  if (parameter["in"] !== "body" || (value !== undefined && !isObject(value))) return value;
  const properties = Object.entries(objectAt(definition.resolve(parameter["schema"]), "properties"));
  const internal = properties.flatMap(([name, property]): [string, Json][] => {
    if (callbackUrl !== undefined && isTrue(property, "x-ms-notification-url")) return [[name, callbackUrl]];
    const preset = isInternal(property) && isObject(property) ? property["default"] : undefined;
    return preset === undefined ? [] : [[name, preset]];
  });
  if (value === undefined && internal.length === 0) return undefined;
  return { ...value, ...Object.fromEntries(internal) };
}

const nameOf = (parameter: JsonObject) => textAt(parameter, "name") ?? "";
const isInternal = (node: Json | undefined) => textAt(node, "x-ms-visibility") === "internal";
const isTrue = (node: Json | undefined, key: string) => isObject(node) && node[key] === true;

function encoded(parameter: JsonObject, text: string): string {
  const once = encodeURIComponent(text);
  return parameter["x-ms-url-encoding"] === "double" ? encodeURIComponent(once) : once;
}

/** Workflows write booleans as True and False. */
function textOf(value: Json): string {
  if (typeof value === "boolean") return value ? "True" : "False";
  return typeof value === "string" || typeof value === "number" ? String(value) : JSON.stringify(value);
}

function textsOf(parameter: JsonObject, value: Json): string[] {
  if (!Array.isArray(value)) return [textOf(value)];
  const texts = value.map(textOf);
  return parameter["collectionFormat"] === "multi" ? texts : [texts.join(",")];
}

import { isObject, type Json, type JsonObject, objectAt, textAt } from "../json.ts";

export interface FoundOperation {
  method: string;
  path: string;
  place: string;
  operation: JsonObject;
}

const methods = ["get", "put", "post", "delete", "patch"];

export function operationsOf(definition: JsonObject): FoundOperation[] {
  return Object.entries(objectAt(definition, "paths")).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = objectAt(item, method);
      if (Object.keys(operation).length === 0) return [];
      return [{ method, path, place: textAt(operation, "operationId") ?? `${method} ${path}`, operation }];
    }),
  );
}

/** What a node stands for: itself, or the definition that it refers to. */
export function resolve(definition: JsonObject, node: Json | undefined): JsonObject {
  if (!isObject(node)) return {};
  const reference = textAt(node, "$ref");
  if (reference === undefined) return node;
  const steps = reference.replace(/^#\//, "").split("/");
  return steps.reduce<JsonObject>((at, step) => objectAt(at, step), definition);
}

/** Every schema of the document, each once, with where it stands: definitions, bodies, answers, callbacks, and all within them. */
export function schemasOf(definition: JsonObject): { place: string; schema: JsonObject }[] {
  const roots: [string, Json | undefined][] = [
    ...Object.entries(objectAt(definition, "definitions")),
    ...operationsOf(definition).flatMap(({ place, operation }): [string, Json | undefined][] => [
      ...parametersOf(operation).map((parameter): [string, Json | undefined] => [
        `${place} ${textAt(parameter, "name") ?? "?"}`,
        parameter["schema"],
      ]),
      ...Object.entries(objectAt(operation, "responses")).map(
        ([status, response]): [string, Json | undefined] => [
          `${place} ${status}`,
          isObject(response) ? response["schema"] : undefined,
        ],
      ),
    ]),
    ...Object.entries(objectAt(definition, "paths")).map(([path, item]): [string, Json | undefined] => [
      `${path} notification`,
      objectAt(item, "x-ms-notification-content")["schema"],
    ]),
  ];
  return roots.flatMap(([place, schema]) => within(place, schema));
}

export function parametersOf(operation: JsonObject): JsonObject[] {
  const parameters = operation["parameters"];
  return Array.isArray(parameters) ? parameters.filter(isObject) : [];
}

export function bodyParameterOf(operation: JsonObject): JsonObject | undefined {
  return parametersOf(operation).find((parameter) => parameter["in"] === "body");
}

/** What the operations of a path tell anyone who they call back; empty where they call nobody. */
export function notificationOf(definition: JsonObject, path: string): JsonObject {
  return objectAt(objectAt(definition["paths"], path), "x-ms-notification-content");
}

function within(place: string, schema: Json | undefined): { place: string; schema: JsonObject }[] {
  if (!isObject(schema) || "$ref" in schema) return [];
  return [
    { place, schema },
    ...within(`${place}[]`, schema["items"]),
    ...Object.entries(objectAt(schema, "properties")).flatMap(([name, property]) =>
      within(`${place}.${name}`, property),
    ),
  ];
}

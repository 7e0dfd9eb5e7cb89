import { notificationOf } from "../../../scripts/connector/check/walk.ts";
import { type JsonObject, objectAt } from "../../../scripts/connector/json.ts";
import type { Definition, Operation } from "./definition.ts";
import { notificationField } from "./requests.ts";

export interface Answer {
  status: number;
  headers: Headers;
  /** What the body says as JSON; undefined when it is empty or not JSON. */
  json: unknown;
  bytes: number;
}

/** All that an answer breaks: of what its operation declares, and of what the platform asks of such an answer. */
export function judgeAnswer(definition: Definition, operation: Operation, answer: Answer): string[] {
  const { status, headers } = answer;
  const response = objectAt(objectAt(operation.operation, "responses"), String(status));
  // Only what nobody could have foreseen is left to the default.
  if (Object.keys(response).length === 0) return status >= 500 ? [] : ["its status is not declared"];
  const absent = Object.keys(objectAt(response, "headers"))
    .filter((name) => !headers.has(name))
    .map((name) => `it has no ${name}`);
  return [
    ...absent,
    ...judgeBody(definition, objectAt(response, "schema"), answer),
    ...judgeLocation(definition, operation, answer),
    ...judgeRetryAfter(answer),
  ];
}

/** All that a callback breaks of what its path declares. */
export function judgeCallback(
  definition: Definition,
  operation: Operation,
  { method, contentType, json }: { method: string; contentType: string; json: unknown },
): string[] {
  const schema = objectAt(notificationOf(definition.document, operation.path), "schema");
  if (Object.keys(schema).length === 0) return [`${operation.path} declares no callback`];
  return [
    ...(method === "POST" ? [] : [`it is a ${method}`]),
    ...(isJsonType(contentType) ? [] : ["it is not sent as JSON"]),
    ...definition.misfits(schema, json),
  ];
}

function judgeBody(definition: Definition, schema: JsonObject, { headers, json, bytes }: Answer): string[] {
  if (Object.keys(schema).length === 0) return bytes === 0 ? [] : ["its body is not declared"];
  const contentType = headers.get("content-type") ?? "";
  if (schema["format"] === "binary") return bytes > 0 && !isJsonType(contentType) ? [] : ["it is not a file"];
  return [
    ...(isJsonType(contentType) ? [] : ["it is not sent as JSON"]),
    ...definition.misfits(schema, json),
  ];
}

/**
 * Wherever an engine is sent, it goes through the same connector: a path that the definition doesn't have is not found,
 * and an address that isn't absolute is not understood.
 */
function judgeLocation(definition: Definition, operation: Operation, { status, headers }: Answer): string[] {
  const isHook = notificationField(definition, operation) !== undefined;
  const location = headers.get("location");
  if (location === null)
    return status === 202 || (isHook && status === 201) ? ["it says nothing of where to go on"] : [];
  if (!/^https?:\/\//.test(location) || !URL.canParse(location)) return ["its Location is not absolute"];
  const url = new URL(location);
  const method = isHook ? "delete" : "get";
  const next = definition.operationAt(method, url);
  if (!next) return [`its Location leads to no ${method} operation of the definition`];
  const declared = next.parameters.filter((parameter) => parameter["in"] === "query").map(({ name }) => name);
  return [...url.searchParams.keys()]
    .filter((name) => !declared.includes(name))
    .map((name) => `${next.operationId} declares no ${name}, which Location has`);
}

/** With some statuses a wait must be told; and whenever one is told, it is in whole seconds. */
function judgeRetryAfter({ status, headers }: Answer): string[] {
  const retryAfter = headers.get("retry-after");
  if (retryAfter === null) return status === 202 ? ["it doesn't say when to ask again"] : [];
  return /^\d+$/.test(retryAfter) ? [] : ["its Retry-After is not in whole seconds"];
}

function isJsonType(contentType: string): boolean {
  return contentType.split(";")[0]?.trim() === "application/json";
}

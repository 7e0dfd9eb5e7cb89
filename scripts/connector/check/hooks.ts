import { isObject, type JsonObject, listAt, objectAt, textAt } from "../json.ts";
import { type Finding, findingsOf, when } from "./finding.ts";
import {
  bodyParameterOf,
  type FoundOperation,
  notificationOf,
  operationsOf,
  parametersOf,
  resolve,
} from "./walk.ts";

/**
 * What a callback needs to be asked for, told and forgotten. The parts stand in four places: beside the POST, in its body, in
 * its answer, and at the path that Location leads to; each is useless without the others.
 */
export function checkHooks(definition: JsonObject): Finding[] {
  const all = operationsOf(definition);
  const hasExit = all.some(forgetsWithoutKey);
  return all.flatMap((found) => [
    ...aboutKey(found),
    ...(isHook(definition, found) ? aboutHook(definition, found, hasExit) : aboutOther(definition, found)),
  ]);
}

const finding = findingsOf("hooks");

// Designers subscribe by POST and nothing else; other methods beside it are a finding of the house rules.
const isHook = (definition: JsonObject, { path, method }: FoundOperation) =>
  method === "post" && Object.keys(notificationOf(definition, path)).length > 0;

function aboutHook(
  definition: JsonObject,
  { place, path, operation }: FoundOperation,
  hasExit: boolean,
): Finding[] {
  const { callbacks, required } = callbacksOf(definition, operation);
  const [callback, ...others] = callbacks;
  const content = resolve(definition, notificationOf(definition, path)["schema"]);
  const kind = textAt(operation, "x-ms-trigger");
  return [
    ...when(
      callback === undefined || others.length > 0,
      finding("callback", place, "needs one field of its body for the callback address"),
    ),
    ...when(
      callback !== undefined && !required.includes(callback),
      finding("callback-required", place, "may be subscribed without an address to call"),
    ),
    ...when(
      Object.keys(objectAt(content, "properties")).length === 0,
      finding("content", place, "tells nothing that a workflow could use"),
    ),
    ...when(
      kind !== undefined && kind !== "single",
      finding("kind", place, `is called back and says that it is ${kind ?? ""}`),
    ),
    ...when(!hasExit, finding("exit", place, "leads to no DELETE of the connector that works without a key")),
  ];
}

function aboutOther(definition: JsonObject, { place, operation }: FoundOperation): Finding[] {
  return when(
    operation["x-ms-trigger"] === "single" || callbacksOf(definition, operation).callbacks.length > 0,
    finding("content-missing", place, "is called back, and its path has no notification content"),
  );
}

/** Anyone who knows the path may do it. That is right for nothing but forgetting what the same path names. */
function aboutKey(found: FoundOperation): Finding[] {
  return when(
    isKeyless(found) && !forgetsWithoutKey(found),
    finding("keyless", found.place, "needs no key, and is no hidden DELETE of what its path names"),
  );
}

const isKeyless = ({ operation }: FoundOperation) =>
  Array.isArray(operation["security"]) && operation["security"].length === 0;

/** Where Location leads: declared, so that the gateway knows it; keyless, since products have been seen to send no key. */
function forgetsWithoutKey(found: FoundOperation): boolean {
  const { method, path, operation } = found;
  return (
    method === "delete" &&
    /\/\{\w+\}$/.test(path) &&
    isKeyless(found) &&
    operation["x-ms-visibility"] === "internal" &&
    "204" in objectAt(operation, "responses") &&
    parametersOf(operation).every((parameter) => parameter["in"] === "path")
  );
}

function callbacksOf(definition: JsonObject, operation: JsonObject) {
  const schema = resolve(definition, bodyParameterOf(operation)?.["schema"]);
  const callbacks = Object.entries(objectAt(schema, "properties"))
    .filter(([, field]) => isObject(field) && field["x-ms-notification-url"] === true)
    .map(([name]) => name);
  return { callbacks, required: listAt(schema, "required") };
}

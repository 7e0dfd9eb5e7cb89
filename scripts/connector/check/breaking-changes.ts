import { isObject, type Json, type JsonObject, listAt, objectAt, textAt } from "../json.ts";
import type { Finding } from "./finding.ts";
import { type FoundOperation, operationsOf, parametersOf, resolve } from "./walk.ts";

/**
 * What would break workflows that were built on an earlier definition. A workflow keeps names, paths and types of what it
 * uses: whatever it may have said must still be heard, whatever it may have read must still be told.
 */
export function checkBreakingChanges(before: JsonObject, after: JsonObject): Finding[] {
  const findings: Finding[] = [];
  const add = (rule: string, place: string, message: string) =>
    findings.push({ rule: `breaking:${rule}`, place, message });

  const now = new Map(operationsOf(after).map((found) => [found.place, found]));
  for (const was of operationsOf(before)) {
    const is = now.get(was.place);
    if (!is) add("operation-removed", was.place, "is gone");
    else {
      if (was.path !== is.path || was.method !== is.method)
        add("operation-moved", was.place, `was ${was.method} ${was.path} and is ${is.method} ${is.path}`);
      compareOperations(was.place, was.operation, is.operation);
      compareNotifications(was, is);
    }
  }
  if (before["basePath"] !== after["basePath"]) add("operation-moved", "basePath", "is another");
  if (JSON.stringify(before["securityDefinitions"]) !== JSON.stringify(after["securityDefinitions"]))
    add("security-changed", "securityDefinitions", "connections that exist would no longer fit");
  return findings;

  function compareOperations(place: string, was: JsonObject, is: JsonObject): void {
    if (was["x-ms-trigger"] !== is["x-ms-trigger"])
      add("trigger-changed", place, "is another kind of trigger");
    if (was["x-ms-visibility"] !== "internal" && is["x-ms-visibility"] === "internal")
      add("hidden", place, "can't be chosen or read any more");
    if (JSON.stringify(was["security"]) !== JSON.stringify(is["security"]))
      add("security-changed", place, "is called with other credentials, or without");
    compareParameters(place, parametersOf(was), parametersOf(is));
    const [responses, tells] = [objectAt(was, "responses"), objectAt(is, "responses")];
    for (const status of Object.keys(responses).filter((code) => code.startsWith("2"))) {
      if (!(status in tells)) add("response-removed", `${place} ${status}`, "is not answered any more");
      else
        compareOutputs(
          `${place} ${status}`,
          objectAt(responses, status)["schema"],
          objectAt(tells, status)["schema"],
        );
    }
  }

  function compareNotifications(was: FoundOperation, is: FoundOperation): void {
    const [notification, tells] = [notificationOf(before, was), notificationOf(after, is)];
    if (notification && !tells) add("notification-removed", was.place, "is told nothing any more");
    else if (notification)
      compareOutputs(`${was.place} notification`, notification["schema"], tells?.["schema"]);
  }

  function compareParameters(place: string, were: JsonObject[], are: JsonObject[]): void {
    const nameOf = (parameter: JsonObject) =>
      `${textAt(parameter, "in") ?? ""} ${textAt(parameter, "name") ?? ""}`;
    const old = new Map(were.map((parameter) => [nameOf(parameter), parameter]));
    const current = new Map(are.map((parameter) => [nameOf(parameter), parameter]));
    for (const [name, was] of old) {
      const is = current.get(name);
      if (!is) add("input-removed", `${place} ${name}`, "is not taken any more");
      else if ("schema" in was || "schema" in is) {
        required(`${place} ${name}`, was, is);
        compareInputs(`${place} ${name}`, was["schema"], is["schema"]);
      } else {
        required(`${place} ${name}`, was, is);
        compareInputs(`${place} ${name}`, was, is);
      }
    }
    for (const [name, is] of current)
      if (!old.has(name) && is["required"] === true)
        add("input-required", `${place} ${name}`, "is asked for anew");
  }

  function required(place: string, was: JsonObject, is: JsonObject): void {
    if (was["required"] !== true && is["required"] === true) add("input-required", place, "was optional");
  }

  function compareInputs(place: string, oldNode: Json | undefined, newNode: Json | undefined): void {
    const [was, is] = [resolve(before, oldNode), resolve(after, newNode)];
    sameType("input-type", place, was, is);
    const gone = listAt(was, "enum").filter((value) => !listAt(is, "enum").includes(value));
    if ("enum" in is && gone.length > 0)
      add("choice-removed", place, `no longer takes ${JSON.stringify(gone)}`);
    if (!("enum" in was) && "enum" in is) add("choices-added", place, "took any value and now takes some");
    for (const [limit, isNarrower] of limits)
      if (
        typeof is[limit] === "number" &&
        (typeof was[limit] !== "number" || isNarrower(was[limit], is[limit]))
      )
        add("input-narrowed", place, `${limit} is ${is[limit]}`);
    const [had, has] = [objectAt(was, "properties"), objectAt(is, "properties")];
    for (const [name, property] of Object.entries(had)) {
      if (!(name in has)) add("input-removed", `${place}.${name}`, "is not taken any more");
      else compareInputs(`${place}.${name}`, property, has[name]);
    }
    for (const name of listAt(is, "required").map(String))
      if (!listAt(was, "required").includes(name)) add("input-required", `${place}.${name}`, "was optional");
    if ("items" in was || "items" in is) compareInputs(`${place}[]`, was["items"], is["items"]);
  }

  function compareOutputs(place: string, oldNode: Json | undefined, newNode: Json | undefined): void {
    const [was, is] = [resolve(before, oldNode), resolve(after, newNode)];
    sameType("output-type", place, was, is);
    const [had, has] = [objectAt(was, "properties"), objectAt(is, "properties")];
    for (const [name, property] of Object.entries(had)) {
      if (!(name in has)) add("output-removed", `${place}.${name}`, "is not told any more");
      else compareOutputs(`${place}.${name}`, property, has[name]);
    }
    for (const name of listAt(was, "required").map(String))
      if (name in has && !listAt(is, "required").includes(name))
        add("output-optional", `${place}.${name}`, "was always told");
    if ("items" in was || "items" in is) compareOutputs(`${place}[]`, was["items"], is["items"]);
  }

  function sameType(rule: string, place: string, was: JsonObject, is: JsonObject): void {
    const [old, current] = [was, is].map(({ type, format }) => JSON.stringify([type, format]));
    if (old !== current) add(rule, place, `was ${old ?? ""} and is ${current ?? ""}`);
  }
}

function notificationOf(definition: JsonObject, { path }: FoundOperation): JsonObject | undefined {
  const content = objectAt(objectAt(definition, "paths"), path)["x-ms-notification-content"];
  return isObject(content) ? content : undefined;
}

const limits: [string, (was: number, is: number) => boolean][] = [
  ["minimum", (was, is) => is > was],
  ["minLength", (was, is) => is > was],
  ["minItems", (was, is) => is > was],
  ["maximum", (was, is) => is < was],
  ["maxLength", (was, is) => is < was],
  ["maxItems", (was, is) => is < was],
];

import { notificationOf, operationsOf, resolve } from "../check/walk.ts";
import { type JsonObject, objectAt, textAt } from "../json.ts";
import { type Piece, piecesOf } from "./expression.ts";
import { managedConnectors } from "./managed.ts";
import { connectionOf, type Step } from "./workflow.ts";

/** What a step calls: an operation, and the definition that it is of. */
export interface Called {
  definition: JsonObject;
  title: string;
  path: string;
  operation: JsonObject;
  /** What the engine posts back, where the operation takes the address of a callback. */
  notification: JsonObject | undefined;
}

/** The definitions behind the names that workflows have for connections. */
export type Services = Readonly<Record<string, JsonObject>>;

export const servicesWith = (darkroom: JsonObject): Services => ({ darkroom, ...managedConnectors });

export function calledBy(services: Services, step: Step): Called | undefined {
  const definition = services[connectionOf(step) ?? ""];
  const inputs = objectAt(step.node, "inputs");
  const path = textAt(inputs, "path") ?? "";
  // A webhook is always subscribed to by a POST; its action doesn't say so.
  const method = textAt(inputs, "method") ?? (step.type === "ApiConnectionWebhook" ? "post" : "");
  const found = definition
    ? operationsOf(definition).find((one) => one.method === method.toLowerCase() && isPathOf(one.path, path))
    : undefined;
  if (!definition || !found) return undefined;
  const content = notificationOf(definition, found.path);
  return {
    definition,
    title: textAt(objectAt(definition, "info"), "title") ?? "",
    path: found.path,
    operation: found.operation,
    notification: "schema" in content ? resolve(definition, content["schema"]) : undefined,
  };
}

function isPathOf(template: string, path: string): boolean {
  const [wanted, given] = [template.split("/"), segmentsOf(path)];
  return (
    wanted.length === given.length &&
    wanted.every((segment, at) => {
      const pieces = given[at] ?? [];
      return segment.startsWith("{")
        ? pieces.some((piece) => typeof piece !== "string")
        : pieces.every((piece) => typeof piece === "string") && pieces.join("") === segment;
    })
  );
}

/** The segments of a path, each in its pieces; a slash within an expression is none. */
export function segmentsOf(path: string): Piece[][] {
  const segments: Piece[][] = [[]];
  for (const piece of piecesOf(path)) {
    if (typeof piece !== "string") segments.at(-1)?.push(piece);
    else
      piece.split("/").forEach((part, at) => {
        if (at > 0) segments.push([]);
        if (part !== "") segments.at(-1)?.push(part);
      });
  }
  return segments.map((segment) => (segment.length === 0 ? [""] : segment));
}

/** What the engine makes of success: what is posted back, or the first answer that designers read. */
export function successOf({ definition, operation, notification }: Called): JsonObject {
  if (notification) return notification;
  const responses = objectAt(operation, "responses");
  const status = ["200", "201", "204"].find((code) => code in responses);
  return resolve(definition, objectAt(responses, status ?? "")["schema"]);
}

/** What failures look like; empty where the definition says nothing of them. */
export function failuresOf({ definition, operation }: Called): JsonObject[] {
  const schemas = Object.entries(objectAt(operation, "responses"))
    .filter(([status]) => /^[45]/.test(status))
    .map(([, response]) => resolve(definition, objectAt(response, "schema")));
  return [...new Set(schemas)].filter((schema) => Object.keys(schema).length > 0);
}

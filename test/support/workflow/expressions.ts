import { type Expression, namedBy, piecesOf } from "../../../scripts/connector/flows/expression.ts";
import { isObject, type Json, type JsonObject } from "../../../scripts/connector/json.ts";

/** What expressions of a run may read. */
export interface Known {
  parameters: JsonObject;
  trigger: Json;
  /** What actions came to, by name: their bodies, or what a Compose made. */
  bodies: Map<string, Json>;
  /** The item of each loop around, by the loop's name. */
  items: Map<string, Json>;
  variables: Map<string, Json>;
}

/** A value of a definition with its expressions worked out. Throws for a function that isn't played here. */
export function worked(node: Json, known: Known): Json {
  if (typeof node === "string") return textOf(node, known);
  if (Array.isArray(node)) return node.map((entry) => worked(entry, known));
  if (!isObject(node)) return node;
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, worked(value, known)]));
}

function textOf(text: string, known: Known): Json {
  const pieces = piecesOf(text);
  const [only] = pieces;
  // `@x` is what x is; anything within a text becomes a text.
  if (pieces.length === 1 && only !== undefined && typeof only !== "string" && !text.startsWith("@{"))
    return valueOf(only, known);
  return pieces.map((piece) => (typeof piece === "string" ? piece : spoken(valueOf(piece, known)))).join("");
}

export const spoken = (value: Json | undefined): string =>
  value === null || value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);

function valueOf(expression: Expression, known: Known): Json {
  if (expression.kind === "literal") return expression.value;
  if (expression.kind === "member") {
    const whole = valueOf(expression.of, known);
    const key = valueOf(expression.key, known);
    if (Array.isArray(whole)) return whole[Number(key)] ?? null;
    return isObject(whole) ? (whole[spoken(key)] ?? null) : null;
  }
  const named = namedBy(expression) ?? "";
  switch (expression.name) {
    case "parameters":
      return known.parameters[named] ?? null;
    case "triggerBody":
      return known.trigger;
    case "body":
    case "outputs":
      return known.bodies.get(named) ?? null;
    case "items":
      return known.items.get(named) ?? null;
    case "variables":
      return known.variables.get(named) ?? null;
    case "listCallbackUrl":
      return "the engine's own";
    default:
      return call(
        expression.name,
        expression.given.map((each) => valueOf(each, known)),
      );
  }
}

function call(name: string, given: Json[]): Json {
  const [first = null, second = null] = given;
  const play = functions[name];
  if (!play) throw new Error(`${name}() is not played`);
  return play(first, second, given);
}

const isEmpty = (value: Json) =>
  value === null || spoken(value) === "" || ["[]", "{}"].includes(JSON.stringify(value));

const functions: Record<string, ((first: Json, second: Json, all: Json[]) => Json) | undefined> = {
  coalesce: (_first, _second, all) => all.find((value) => value !== null) ?? null,
  concat: (_first, _second, all) => all.map(spoken).join(""),
  string: (first) => spoken(first),
  encodeURIComponent: (first) => encodeURIComponent(spoken(first)),
  // Bytes are carried as an envelope.
  base64: (first) =>
    isObject(first) && "$content" in first
      ? (first["$content"] ?? "")
      : Buffer.from(spoken(first)).toString("base64"),
  base64ToBinary: (first) => ({ "$content-type": "application/octet-stream", $content: first }),
  split: (first, second) => spoken(first).split(spoken(second)),
  last: (first) => (Array.isArray(first) ? (first.at(-1) ?? null) : null),
  formatDateTime: (first) => new Date(spoken(first)).toISOString(),
  utcNow: () => new Date().toISOString(),
  equals: (first, second) => JSON.stringify(first) === JSON.stringify(second),
  startsWith: (first, second) => spoken(first).startsWith(spoken(second)),
  empty: (first) => isEmpty(first),
  not: (first) => first !== true,
};

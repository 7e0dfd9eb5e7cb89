import type { Expression } from "../bicep/syntax.ts";

/** What only Azure knows: an address that a service makes, an identity's id. `text` says where it comes from. */
export class Unknown {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** A function given to map, filter and the like. */
export class Lambda {
  readonly call: (values: Value[]) => Value;
  constructor(call: (values: Value[]) => Value) {
    this.call = call;
  }
}

/** A resource or module by its name in a template. `reach` gives what stands behind a dot. */
export class Reference {
  readonly id: string;
  readonly absent: boolean;
  readonly reach: (property: string) => Value | undefined;
  /** Resources declared within this one. */
  readonly nested: (name: string) => Value | undefined;
  constructor(
    id: string,
    absent: boolean,
    reach: Reference["reach"],
    nested: Reference["nested"] = () => undefined,
  ) {
    this.id = id;
    this.absent = absent;
    this.reach = reach;
    this.nested = nested;
  }
}

export type Value =
  | null
  | string
  | number
  | boolean
  | Value[]
  | { [key: string]: Value }
  | Unknown
  | Lambda
  | Reference;

export type Json = null | string | number | boolean | Json[] | { [key: string]: Json };

/** What is wrong with an expression, at its line. */
export class EvaluationFault extends Error {
  readonly line: number;
  readonly rule: string;
  constructor(at: Expression | number, message: string, rule = "evaluate") {
    super(message);
    this.line = typeof at === "number" ? at : at.line;
    this.rule = rule;
  }
}

export function isRecord(value: Value | undefined): value is { [key: string]: Value } {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Unknown || value instanceof Lambda || value instanceof Reference)
  );
}

/** As it stands within a string: nothing, where there is nothing. What is unknown stands in braces. */
export function asText(value: Value | undefined): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return String(value);
  if (value instanceof Unknown) return `{${value.text}}`;
  if (value instanceof Reference) return value.id;
  return JSON.stringify(asJson(value));
}

export function asJson(value: Value): Json {
  if (value instanceof Unknown || value instanceof Reference) return asText(value);
  if (value instanceof Lambda) return "{lambda}";
  if (Array.isArray(value)) return value.map(asJson);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, asJson(inner)]));
}

function fromJson(json: Json): Value {
  if (Array.isArray(json)) return json.map(fromJson);
  if (typeof json !== "object" || json === null) return json;
  return recordFromJson(json);
}

/** A copy, though JSON is a value as it is: the linter's rule on classes never ends where one recursive type meets another. */
export function recordFromJson(json: { [key: string]: Json }): { [key: string]: Value } {
  return Object.fromEntries(Object.entries(json).map(([key, inner]) => [key, fromJson(inner)]));
}

export function sameValue(left: Value, right: Value): boolean {
  return JSON.stringify(asJson(left)) === JSON.stringify(asJson(right));
}

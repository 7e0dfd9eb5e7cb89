import * as z from "zod";
import { invalidRequest, type Violation } from "../domain/app-error.ts";
import { withoutNulls } from "../domain/without-absent.ts";

// A body may hold a hundred thousand mistakes and a field's name may be all of it; the refusal stays short.
const maxViolations = 20;
const maxNameLength = 64;

/**
 * Checks what was sent against a schema. Throws `invalidRequest`, which names the fields at fault; `whole` is what the
 * thing itself is called. What is null counts as absent at every depth, as in the service's own API.
 */
export function checkShape<T>(value: unknown, schema: z.ZodObject & z.ZodType<T>, whole = "body"): T {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalidRequest([{ param: whole, message: `The ${whole} must be a JSON object.` }]);
  }
  const parsed = schema.safeParse(withoutNulls(value));
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, maxViolations);
  // A text in place of a list is no list that is too long as well.
  const mistyped = issues.filter(({ code }) => code === "invalid_type").map(({ path }) => path.join("."));
  const telling = issues.filter(
    ({ code, path }) => code === "invalid_type" || !mistyped.includes(path.join(".")),
  );
  throw invalidRequest(telling.flatMap((issue) => toViolations(issue, schema)));
}

function toViolations(issue: z.core.$ZodIssue, schema: z.ZodObject): Violation[] {
  const { shape } = schema;
  const param = issue.path.map((part) => shorten(String(part))).join(".") || "body";
  const range = issue.path.length === 1 ? rangeOf(shape[param]) : undefined;
  const isAbsent = issue.code === "invalid_type" && issue.message.endsWith("undefined");
  if (range !== undefined && !isAbsent) return [{ param, message: `${param} must be ${range}.` }];
  switch (issue.code) {
    case "unrecognized_keys": {
      const known = Object.keys(shapeAt(schema, issue.path));
      return issue.keys.slice(0, maxViolations).map((key) => {
        const name = [...issue.path.map(String), shorten(key)].join(".");
        const message = `${name} is not a known field. Known fields: ${known.join(", ")}.`;
        return { param: name, message, allowed: known };
      });
    }
    case "invalid_value":
      return [
        {
          param,
          message: `${param} must be one of: ${issue.values.join(", ")}.`,
          allowed: issue.values.map(String),
        },
      ];
    case "invalid_type":
      return [
        {
          param,
          message: isAbsent ? `${param} is required.` : `${param} must be ${nounOf(issue.expected)}.`,
        },
      ];
    case "invalid_key":
      return [{ param, message: `${param}: a name has 1 to ${maxNameLength} characters.` }];
    case "invalid_union":
      return ofUnion(issue, param, schema);
    case "too_big":
      return [{ param, message: `${param} must be at most ${issue.maximum}${unitOf(issue.origin)}.` }];
    case "too_small":
      return [{ param, message: `${param} must be at least ${issue.minimum}${unitOf(issue.origin)}.` }];
    default:
      return [{ param, message: `${param}: ${issue.message}.` }];
  }
}

/** What the form says that the value was meant to have; of a value that has none of the forms, which they are. */
function ofUnion(
  { errors: forms, path }: z.core.$ZodIssueInvalidUnion,
  param: string,
  schema: z.ZodObject,
): Violation[] {
  const types = forms.map((form) =>
    form.find(({ code, path: below }) => code === "invalid_type" && below.length === 0),
  );
  const meant = forms.find((_, at) => types[at] === undefined);
  if (meant)
    return meant.flatMap((inner) => toViolations({ ...inner, path: [...path, ...inner.path] }, schema));
  const isAbsent = types.every((type) => type?.message.endsWith("undefined"));
  const expected = types.flatMap((type) => (type?.code === "invalid_type" ? [nounOf(type.expected)] : []));
  const message = isAbsent ? `${param} is required.` : `${param} must be ${expected.join(" or ")}.`;
  return [{ param, message }];
}

/** A number's whole range in words, whichever way it was missed: not a number, not whole, too small, too big. */
function rangeOf(field: unknown): string | undefined {
  const inner: unknown = field instanceof z.ZodOptional ? field.unwrap() : field;
  if (!(inner instanceof z.ZodNumber) || inner.minValue === null || inner.maxValue === null) return undefined;
  return `an integer from ${inner.minValue} to ${inner.maxValue}`;
}

function nounOf(expected: string): string {
  const nouns: Record<string, string> = {
    string: "a string",
    array: "an array",
    record: "an object of strings",
    object: "an object",
    boolean: "true or false",
  };
  return nouns[expected] ?? expected;
}

function unitOf(origin: string): string {
  return { string: " characters long", array: " entries long" }[origin] ?? "";
}

function shorten(name: string): string {
  return name.length > maxNameLength ? `${name.slice(0, maxNameLength)}…` : name;
}

/** The fields of the object at a path: a mistake inside an entry of `images` is told in the entry's own words. */
function shapeAt(schema: unknown, path: readonly PropertyKey[]): Record<string, unknown> {
  if (schema instanceof z.ZodOptional) return shapeAt(schema.unwrap(), path);
  const [step, ...rest] = path;
  if (schema instanceof z.ZodArray) return shapeAt(schema.element, rest);
  if (!(schema instanceof z.ZodObject)) return {};
  return step === undefined ? schema.shape : shapeAt(schema.shape[String(step)], rest);
}

import type { HttpRequest } from "@azure/functions";
import * as z from "zod";
import { Fault, invalidRequest, type Violation } from "../domain/fault.ts";

// A body may hold a hundred thousand mistakes and a field's name may be all of it; the refusal stays short.
const mostViolations = 20;
const longestName = 64;

/**
 * Reads a JSON body and checks it against a schema. Throws `unsupportedMedia`, `tooLarge` or `invalidRequest`; the last
 * names the fields at fault. A field that is null counts as absent, as in the service's own API.
 */
export async function readJsonBody<T>(
  request: HttpRequest,
  schema: z.ZodObject & z.ZodType<T>,
  maximumBytes: number,
): Promise<T> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type)) {
    throw new Fault("unsupportedMedia", "Send the body as application/json.");
  }
  const value = parseJson(await readText(request, maximumBytes));
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalidRequest([{ param: "body", message: "The body must be a JSON object." }]);
  }
  const present = Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null));
  const parsed = schema.safeParse(present);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, mostViolations);
  throw invalidRequest(issues.flatMap((issue) => toViolations(issue, schema)));
}

/** The cap is on what arrives; a declared length only lets a refusal come sooner. */
async function readText(request: HttpRequest, maximumBytes: number): Promise<string> {
  const tooLarge = () => new Fault("tooLarge", `The body may have at most ${maximumBytes} bytes.`);
  if (Number(request.headers.get("content-length") ?? 0) > maximumBytes) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
      size += chunk.byteLength;
      if (size > maximumBytes) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof Fault) throw error;
    // The caller hung up, or the network did: nobody is left to answer, and nothing is wrong here.
    throw invalidRequest([{ param: "body", message: "The body broke off before its end." }]);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks, size));
  } catch {
    throw invalidRequest([{ param: "body", message: "The body is not valid UTF-8." }]);
  }
}

function parseJson(text: string): unknown {
  if (text.trim() === "") throw invalidRequest([{ param: "body", message: "The body is empty." }]);
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the body, prompt included.
    throw invalidRequest([{ param: "body", message: "The body is not valid JSON." }]);
  }
}

function toViolations(issue: z.core.$ZodIssue, { shape }: z.ZodObject): Violation[] {
  const param = issue.path.map((part) => shorten(String(part))).join(".") || "body";
  const range = issue.path.length === 1 ? rangeOf(shape[param]) : undefined;
  const isAbsent = issue.code === "invalid_type" && issue.message.endsWith("undefined");
  if (range !== undefined && !isAbsent) return [{ param, message: `${param} must be ${range}.` }];
  switch (issue.code) {
    case "unrecognized_keys": {
      const known = Object.keys(shape);
      return issue.keys.slice(0, mostViolations).map((key) => {
        const message = `${shorten(key)} is not a known field. Known fields: ${known.join(", ")}.`;
        return { param: shorten(key), message, allowed: known };
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
      return [{ param, message: isAbsent ? `${param} is required.` : typeMessage(param, issue.expected) }];
    case "invalid_key":
      return [{ param, message: `${param}: a name has 1 to ${longestName} characters.` }];
    case "too_big":
      return [{ param, message: `${param} must be at most ${issue.maximum}${unitOf(issue.origin)}.` }];
    case "too_small":
      return [{ param, message: `${param} must be at least ${issue.minimum}${unitOf(issue.origin)}.` }];
    default:
      return [{ param, message: `${param}: ${issue.message}.` }];
  }
}

/** A number's whole range in words, whichever way it was missed: not a number, not whole, too small, too big. */
function rangeOf(field: unknown): string | undefined {
  const inner: unknown = field instanceof z.ZodOptional ? field.unwrap() : field;
  if (!(inner instanceof z.ZodNumber) || inner.minValue === null || inner.maxValue === null) return undefined;
  return `an integer from ${inner.minValue} to ${inner.maxValue}`;
}

function typeMessage(param: string, expected: string): string {
  const nouns: Record<string, string> = {
    string: "a string",
    array: "an array",
    record: "an object of strings",
  };
  return `${param} must be ${nouns[expected] ?? expected}.`;
}

function unitOf(origin: string): string {
  return { string: " characters long", array: " entries long" }[origin] ?? "";
}

function shorten(name: string): string {
  return name.length > longestName ? `${name.slice(0, longestName)}…` : name;
}

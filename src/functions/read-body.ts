import type { HttpRequest } from "@azure/functions";
import type { z } from "zod";
import { Fault, invalidRequest, type Violation } from "../domain/fault.ts";

/**
 * Reads a JSON body and checks it against a schema. Throws `unsupportedMedia`, `tooLarge` or `invalidRequest`; the last
 * names every field at fault. A field that is null counts as absent, as in the service's own API.
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
  throw invalidRequest(
    parsed.error.issues.flatMap((issue) => toViolations(issue, Object.keys(schema.shape))),
  );
}

/** The cap is on what arrives; a declared length only lets a refusal come sooner. */
async function readText(request: HttpRequest, maximumBytes: number): Promise<string> {
  const tooLarge = () => new Fault("tooLarge", `The body may have at most ${maximumBytes} bytes.`);
  if (Number(request.headers.get("content-length") ?? 0) > maximumBytes) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > maximumBytes) throw tooLarge();
    chunks.push(chunk);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks, size));
  } catch {
    throw invalidRequest([{ param: "body", message: "The body is not valid UTF-8." }]);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the body, prompt included.
    throw invalidRequest([{ param: "body", message: "The body is not valid JSON." }]);
  }
}

function toViolations(issue: z.core.$ZodIssue, knownFields: readonly string[]): Violation[] {
  const param = issue.path.map(String).join(".") || "body";
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({
        param: key,
        message: `${key.slice(0, 64)} is not a known field. Known fields: ${knownFields.join(", ")}.`,
        allowed: knownFields,
      }));
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
          message:
            issue.input === undefined && issue.message.includes("undefined")
              ? `${param} is required.`
              : typeMessage(param, issue.expected),
        },
      ];
    case "too_big":
      return [{ param, message: `${param} must be at most ${issue.maximum}${unitOf(issue.origin)}.` }];
    case "too_small":
      return [{ param, message: `${param} must be at least ${issue.minimum}${unitOf(issue.origin)}.` }];
    default:
      return [{ param, message: `${param}: ${issue.message}.` }];
  }
}

function typeMessage(param: string, expected: string): string {
  const nouns: Record<string, string> = {
    int: "an integer",
    number: "a number",
    string: "a string",
    array: "an array",
    record: "an object of strings",
  };
  return `${param} must be ${nouns[expected] ?? expected}.`;
}

function unitOf(origin: string): string {
  return { string: " characters long", array: " entries long" }[origin] ?? "";
}

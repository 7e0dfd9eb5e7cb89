import type { HttpRequest } from "@azure/functions";
import type * as z from "zod";
import { checkShape } from "../contracts/check-shape.ts";
import { AppError, invalidRequest } from "../domain/app-error.ts";
import { ArrivingBody } from "./arriving-body.ts";

/**
 * Reads a JSON body and checks it against a schema. Throws `unsupportedMedia`, `tooLarge` or `invalidRequest`; the last
 * names the fields at fault. What is null counts as absent at every depth, as in the service's own API.
 */
export async function readJsonBody<T>(
  request: HttpRequest,
  schema: z.ZodObject & z.ZodType<T>,
  maximumBytes: number,
): Promise<T> {
  return checkShape(await readJson(request, maximumBytes), schema);
}

/** Reads a JSON body of whatever shape. Throws `unsupportedMedia`, `tooLarge` or `invalidRequest`. */
export async function readJson(request: HttpRequest, maximumBytes: number): Promise<unknown> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type)) {
    throw new AppError("unsupportedMedia", "Send the body as application/json.");
  }
  return parseJson(await readText(request, maximumBytes));
}

/** Reads a body as text. Throws `tooLarge`, `unsupportedMedia` for a coding, or `invalidRequest`. */
export async function readText(request: HttpRequest, maximumBytes: number): Promise<string> {
  const body = new ArrivingBody(request, maximumBytes);
  const chunks: Uint8Array[] = [];
  for (let chunk = await body.next(); chunk !== undefined; chunk = await body.next()) chunks.push(chunk);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw body.malformed("is not valid UTF-8");
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

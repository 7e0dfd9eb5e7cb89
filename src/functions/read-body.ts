import type { HttpRequest } from "@azure/functions";
import type * as z from "zod";
import { checkShape } from "../contracts/check-shape.ts";
import { Fault, invalidRequest } from "../domain/fault.ts";

/**
 * Reads a JSON body and checks it against a schema. Throws `unsupportedMedia`, `tooLarge` or `invalidRequest`; the last
 * names the fields at fault. What is null counts as absent at every depth, as in the service's own API.
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
  return checkShape(parseJson(await readText(request, maximumBytes)), schema);
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

import { randomBytes } from "node:crypto";
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";

// Hop-by-hop headers belong to one connection and are not passed on (RFC 9110, 7.6.1).
const hopByHop = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "expect",
]);

/** The headers of a message that may travel to the next hop. */
export function endToEndHeaders(message: IncomingMessage): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(message.headers).filter(([name]) => !hopByHop.has(name)));
}

/** Header values as text, a repeated one joined with a comma. */
export function flatHeaders(message: IncomingMessage): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(",") : value;
  }
  return flat;
}

/** Query values as text; of a repeated name the real host keeps all, joined with a comma. */
export function flatQuery(query: URLSearchParams): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const name of new Set(query.keys())) flat[name] = query.getAll(name).join(",");
  return flat;
}

/** A body that is longer than allowed. */
export class BodyTooLarge extends Error {
  override name = "BodyTooLarge";
}

/** Collects a body of at most `limit` bytes. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw new BodyTooLarge(`The body is longer than ${limit} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Answers with a status and nothing else, unless an answer has begun; then the connection is cut. */
export function answerEmpty(response: ServerResponse, status: number): void {
  if (response.headersSent) response.destroy();
  else response.writeHead(status, { "content-length": 0 }).end();
}

/** Answers with a JSON document. */
export function answerJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: OutgoingHttpHeaders = {},
): void {
  const text = JSON.stringify(body);
  const contentType = "application/json; charset=utf-8";
  response.writeHead(status, {
    "content-type": contentType,
    "content-length": Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

/**
 * The host's own span of a request, in the trace that the client says it belongs to (W3C Trace Context), or in a new one.
 * Nobody is told of it here; the real host's goes wherever its telemetry goes.
 */
export function hostSpanOf({ headers }: IncomingMessage): string {
  const given = [headers["traceparent"]].flat()[0] ?? "";
  const [, trace = randomHex(16), flags = "01"] =
    /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/.exec(given) ?? [];
  return `00-${trace}-${randomHex(8)}-${flags}`;
}

function randomHex(bytes: number): string {
  return randomBytes(bytes).toString("hex");
}

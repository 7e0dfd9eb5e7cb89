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
 * The trace that a client says its request belongs to (W3C Trace Context). It goes on as it came: this host makes no span
 * of its own that could stand in between.
 */
export function traceParentOf({ headers }: IncomingMessage): string | undefined {
  const given = [headers["traceparent"]].flat()[0] ?? "";
  return /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/.test(given) ? given : undefined;
}

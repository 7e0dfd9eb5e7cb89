import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import { readRange } from "../domain/byte-range.ts";

/** Whether a cache says that it has what this tag names (RFC 9110, 13.1.2). */
export function isCached(request: Pick<HttpRequest, "headers">, etag: string): boolean {
  const tags = request.headers.get("if-none-match")?.split(",") ?? [];
  return tags.some((tag) => ["*", etag].includes(tag.trim().replace(/^W\//, "")));
}

/** Bytes, or the part of them that is asked for; a part of what has changed since is answered with the whole (RFC 9110, 13.1.5). */
export function respondBytes(
  { headers: asked }: Pick<HttpRequest, "headers">,
  bytes: Uint8Array,
  headers: Record<string, string> & { etag: string },
): HttpResponseInit {
  const size = bytes.byteLength;
  const isSame = [null, headers.etag].includes(asked.get("if-range"));
  const range = isSame ? readRange(asked.get("range"), size) : undefined;
  const shared = { ...headers, "accept-ranges": "bytes" };
  if (range === "unsatisfiable")
    return { status: 416, headers: { ...shared, "content-range": `bytes */${size}` } };
  if (!range) return { status: 200, headers: { ...shared, "content-length": String(size) }, body: bytes };
  const { first, last } = range;
  return {
    status: 206,
    headers: {
      ...shared,
      "content-range": `bytes ${first}-${last}/${size}`,
      "content-length": String(last - first + 1),
    },
    body: bytes.subarray(first, last + 1),
  };
}

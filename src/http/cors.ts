import type { HttpRequest, HttpResponseInit } from "@azure/functions";

/** Cross-origin resource sharing (WHATWG Fetch, 3.2), for pages of the origins that CORS_ORIGINS lists. */

// What scripts may read of an answer, beside the few headers that are always theirs.
const exposed = [
  "accept-ranges",
  "content-disposition",
  "content-range",
  "etag",
  "idempotency-replayed",
  "location",
  "ratelimit",
  "ratelimit-policy",
  "retry-after",
  "x-darkroom-job",
  "x-darkroom-model",
  "x-request-id",
].join(", ");

type Asked = Pick<HttpRequest, "headers" | "method">;

/** Adds what lets a listed page read the answer. Keys travel in headers that a page sets itself: no cookies are let in. */
export function shareWith(origins: readonly string[], { headers: asked }: Asked, headers: Headers): void {
  if (origins.length === 0) return;
  headers.append("vary", "origin");
  const origin = asked.get("origin");
  if (origin === null || !origins.includes(origin) || headers.has("access-control-allow-origin")) return;
  headers.set("access-control-allow-origin", origin);
  headers.set("access-control-expose-headers", exposed);
}

export function isPreflight({ method, headers }: Asked): boolean {
  return method === "OPTIONS" && headers.has("origin") && headers.has("access-control-request-method");
}

/** What a browser is answered that asks before a page's request; undefined for a page that isn't listed. */
export function answerPreflight(
  origins: readonly string[],
  { headers }: Asked,
  methods: readonly string[],
): HttpResponseInit | undefined {
  if (!origins.includes(headers.get("origin") ?? "")) return undefined;
  return {
    status: 204,
    headers: {
      "access-control-allow-methods": methods.join(", "),
      // Clients of other services send headers of their own, by the dozen; those that nobody reads do no harm.
      "access-control-allow-headers": headers.get("access-control-request-headers") ?? "",
      // As long as any browser keeps it.
      "access-control-max-age": "86400",
      vary: "access-control-request-headers",
    },
  };
}

import type { IncomingHttpHeaders } from "node:http";
import type { FaultReply } from "./fault-reply.ts";
import { type ProxiedRequest, readable } from "./proxied-request.ts";

/** The image service's addresses, first fit first. */
const routes: [place: string, method: string, path: RegExp][] = [
  ["submit", "POST", /\/images\/generations:submit(\?|$)/],
  ["generate", "POST", /\/images\/generations(\?|$)/],
  ["edit", "POST", /\/images\/edits(\?|$)/],
  ["poll", "GET", /\/operations\/images\//],
  ["delete", "DELETE", /\/operations\/images\//],
  ["image", "GET", /./],
];

export const asksForImages = ({ place }: ProxiedRequest) => ["submit", "generate", "edit"].includes(place);

/** Sorts a request to the image service by its route. */
export function upstreamRequest(
  method: string,
  path: string,
  headers: IncomingHttpHeaders,
  body: Buffer,
): ProxiedRequest {
  const place = routes.find(([, verb, pattern]) => verb === method && pattern.test(path))?.[0] ?? "other";
  const kind = method === "POST" ? "write" : method === "DELETE" ? "delete" : "read";
  return {
    service: "upstream",
    kind,
    place,
    method,
    path,
    headers,
    body,
    text: readable(path, body),
  };
}

/** An error as the service words it: learn.microsoft.com/azure/ai-services/openai/reference, "error" objects. */
export function upstreamError(status: number, code?: string, retryAfter?: number): FaultReply {
  const error = { code: code ?? String(status), message: "A planned fault." };
  return {
    status,
    headers: {
      "content-type": "application/json",
      ...(retryAfter !== undefined && { "retry-after": String(retryAfter) }),
    },
    body: JSON.stringify({ error }),
  };
}

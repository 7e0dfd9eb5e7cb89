import * as z from "zod";
import { type Answer, type Proxy, type ProxyKind, startProxy } from "./proxy.ts";
import type { Scopes } from "./run-scope.ts";
import type { ProxiedRequest } from "./proxied-request.ts";
import { asksForImages, upstreamRequest } from "./upstream-request.ts";

const picture = z.looseObject({ b64_json: z.string().optional(), url: z.string().optional() });
const pictures = z.looseObject({
  data: z.array(picture).optional(),
  result: z.looseObject({ data: z.array(picture).optional() }).optional(),
});

/** The event that holds a stream's picture: `image_generation.completed` or `image_edit.completed`. */
const lastEvent = ".completed";

/**
 * A proxy for the image service. Addresses in its answers lead back through the proxy, so that operations and links are
 * struck by rules as well.
 */
export async function startUpstreamProxy(target: string, scopes: Scopes): Promise<Proxy> {
  // Streams whose picture has come.
  const completed = new WeakSet<ProxiedRequest>();
  const own: { url: string } = { url: "" };
  const kind: ProxyKind = {
    sort: upstreamRequest,
    onRequest(request, scope) {
      if (asksForImages(request)) scope.note("called");
    },
    onAnswer(_request, scope, answer) {
      if (!/json/.test(answer.headers["content-type"]?.toString() ?? "")) return answer;
      scopes.learnFrom(
        scope,
        `${answer.headers["operation-location"]?.toString() ?? ""} ${addresses(answer)}`,
      );
      if (imagesIn(answer) > 0) scope.note("answered");
      return rewritten(answer, target, own.url);
    },
    onPiece(request, scope, piece) {
      if (!piece.includes(lastEvent)) return;
      scope.note("answered");
      completed.add(request);
    },
    onPiecesEnd(request, scope) {
      if (!completed.has(request)) return;
      scope.answers.push({ place: request.place, status: 200, images: 1, isWhole: true, at: Date.now() });
    },
    onForwarded({ place }, scope, answer, isWhole) {
      const { status } = answer;
      scope.answers.push({ place, status, images: imagesIn(answer), isWhole, at: Date.now() });
    },
  };
  const proxy = await startProxy(target, kind, scopes);
  own.url = proxy.url;
  return proxy;
}

/** Large bodies hold pictures by content; addresses stand in small ones. */
const maxBytesWithAddresses = 64 * 1024;

function addresses({ body }: Answer): string {
  return body.length > maxBytesWithAddresses ? "" : body.toString();
}

function imagesIn({ status, body }: Answer): number {
  if (status !== 200) return 0;
  try {
    const { data, result } = pictures.parse(JSON.parse(body.toString()));
    return (data ?? result?.data ?? []).filter(({ b64_json, url }) => b64_json ?? url).length;
  } catch {
    // Damaged on purpose, or no JSON at all: no picture can be read from it.
    return 0;
  }
}

function rewritten(answer: Answer, from: string, to: string): Answer {
  const headers = { ...answer.headers };
  const location = headers["operation-location"];
  if (typeof location === "string") headers["operation-location"] = location.replace(from, to);
  if (answer.body.length > maxBytesWithAddresses || !answer.body.includes(from))
    return { ...answer, headers };
  const body = Buffer.from(answer.body.toString().replaceAll(from, to));
  return { ...answer, headers: { ...headers, "content-length": String(body.length) }, body };
}

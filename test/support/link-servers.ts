import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { linkFetcher, type LinkFetcherOptions } from "../../src/adapters/net/link-fetcher.ts";
import type { FetchReply } from "../../src/ports/image-model.ts";
import { never } from "./image-service.ts";
import { aPng } from "./pictures.ts";

const small = aPng();
/** Whole, as far as anybody looks: a header, many bytes, and the last chunk. */
export const picture = Buffer.concat([
  small.subarray(0, 34),
  Buffer.alloc(90_000, "pixels"),
  small.subarray(34),
]);
export const whole = `image of ${picture.length} bytes`;
const now = new Date("2026-03-01T12:00:00Z");

/** The service itself, whose origin is trusted, and a stranger on the same machine. */
export function useLinkServers() {
  let handle: RequestListener = answer;
  let seen: IncomingMessage[] = [];
  let strangerConnections = 0;
  const service = createServer((request, response) => {
    seen.push(request);
    response.on("error", () => undefined);
    handle(request, response);
  });
  const stranger = createServer(answer).on("connection", () => (strangerConnections += 1));
  beforeAll(async () => {
    for (const server of [service, stranger]) await once(server.listen(0, "127.0.0.1"), "listening");
  });
  afterAll(() => {
    for (const server of [service, stranger]) server.close().closeAllConnections();
  });
  beforeEach(() => {
    handle = answer;
    seen = [];
    strangerConnections = 0;
  });
  return {
    serve: (listener: RequestListener) => (handle = listener),
    seen: () => seen,
    strangerConnections: () => strangerConnections,
    origin: () => originOf(service),
    strangerOrigin: () => originOf(stranger),
    fetched(link: string, options: Partial<LinkFetcherOptions> = {}, signal = never, path = "") {
      const fetchLink = linkFetcher({ allowlist: [], clock: { now: () => now }, ...options });
      return fetchLink(link, originOf(service) + path, signal);
    },
  };
}

export function brief(reply: FetchReply): string {
  if (reply.kind === "image") return `image of ${reply.bytes.length} bytes`;
  return reply.kind === "late"
    ? `late ${reply.retryAfterMs}: ${reply.reason}`
    : `lost: ${reply.failure.message}`;
}

export function originOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const answer: RequestListener = (_request, response) => response.end(picture);

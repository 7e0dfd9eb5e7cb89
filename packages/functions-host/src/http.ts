import type { IncomingMessage, ServerResponse } from "node:http";
import type { ApiReply } from "./durable/http-api.ts";
import type { LoadedFunction } from "./functions.ts";
import { answerEmpty, answerJson } from "./http-message.ts";
import type { HttpCall } from "./http-stream.ts";
import { opensFunction, opensWebhook, presentedKey } from "./keys.ts";
import type { HostKeys } from "./keys.ts";
import { findRoute } from "./routes.ts";
import type { Route } from "./routes.ts";

/** An HTTP function with its route. */
export interface HttpFunction {
  name: string;
  route: string | undefined;
  methods: readonly string[] | undefined;
  authLevel: string | undefined;
  loaded: LoadedFunction;
}

export interface FrontEndParts {
  routes: readonly Route<HttpFunction>[];
  keys: HostKeys;
  /** Whether functions want their keys. Off by default, like `func start`; `/admin` and webhooks always do. */
  enforceKeys: boolean;
  /** Hands a request to its function, in streaming or RPC mode. */
  call: (call: HttpCall) => void;
  admin: (request: IncomingMessage, response: ServerResponse, path: string) => Promise<void>;
  durable: (request: IncomingMessage, path: string, query: URLSearchParams) => Promise<ApiReply>;
  blobEvents: (request: IncomingMessage, query: URLSearchParams) => Promise<ApiReply>;
}

const durableBase = "/runtime/webhooks/durabletask/";
const homePage = "<!doctype html><title>Functions host</title><p>Your Functions app is up and running.</p>";

/** Answers every request that reaches the host's port. */
export function createFrontEnd(parts: FrontEndParts) {
  const { keys, enforceKeys } = parts;

  const webhook = async (response: ServerResponse, reply: Promise<ApiReply>): Promise<void> => {
    const { status, body, headers = {} } = await reply;
    if (body === undefined) response.writeHead(status, { "content-length": 0, ...headers }).end();
    else answerJson(response, status, body, headers);
  };
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = parseUrl(request);
    const refused = refusedByKestrel(request) ?? (url ? undefined : 400);
    if (!url || refused !== undefined) {
      answerEmpty(response, refused ?? 400);
      return;
    }
    const path = url.pathname;
    const key = presentedKey(request.headers, url.searchParams);
    const lower = path.toLowerCase();
    if (lower.startsWith("/admin/")) {
      // Whether the host is up may be asked by anybody (HOST HostController.cs `Ping`).
      if (lower !== "/admin/host/ping" && key !== keys.master) answerEmpty(response, 401);
      else await parts.admin(request, response, path.slice("/admin/".length));
    } else if (lower.startsWith(durableBase)) {
      // Behind its key even when keys are not enforced: the links the app hands out carry it, and a page in
      // the developer's browser must not be able to end jobs.
      if (!opensWebhook(keys, "durabletask_extension", key)) answerEmpty(response, 401);
      else await webhook(response, parts.durable(request, path.slice(durableBase.length), url.searchParams));
    } else if (lower === "/runtime/webhooks/blobs") {
      if (!opensWebhook(keys, "blobs_extension", key)) answerEmpty(response, 401);
      else await webhook(response, parts.blobEvents(request, url.searchParams));
    } else {
      callFunction(request, response, url, key);
    }
  };
  const callFunction = (
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    key: string | undefined,
  ): void => {
    const match = findRoute(parts.routes, request.method ?? "GET", url.pathname);
    if (match) {
      const { function: target, params } = match;
      if (enforceKeys && !opensFunction(keys, target.authLevel, key)) answerEmpty(response, 401);
      else parts.call({ target: target.loaded, params, url, request, response });
    } else if (url.pathname === "/" && request.method === "GET") {
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(homePage);
    } else if (url.pathname === "/" && request.method === "HEAD") {
      answerEmpty(response, 204);
    } else {
      answerEmpty(response, 404);
    }
  };
  return (request: IncomingMessage, response: ServerResponse): void => {
    // A client that hangs up is no error of ours; without a listener it would end the process.
    request.on("error", () => undefined);
    response.on("error", () => undefined);
    handle(request, response).catch((error: unknown) => {
      if (error instanceof URIError) answerEmpty(response, 400);
      else answerEmpty(response, 500);
    });
  };
}

// Defaults of the real host's web server (Kestrel, KestrelServerLimits).
const maxRequestLineBytes = 8 * 1024;
const maxHeadersBytes = 32 * 1024;

/** The status with which the real host's web server refuses a request before anybody sees it. */
function refusedByKestrel({ method = "GET", url = "/", rawHeaders }: IncomingMessage): number | undefined {
  if (`${method} ${url} HTTP/1.1\r\n`.length > maxRequestLineBytes) return 414;
  // Each header is a name and a value, with four characters around them.
  const headersBytes = rawHeaders.reduce((sum, text) => sum + text.length + 2, 0);
  if (headersBytes > maxHeadersBytes) return 431;
  return /%00/.test(url.split("?")[0] ?? "") ? 400 : undefined;
}

function parseUrl(request: IncomingMessage): URL | undefined {
  const target = request.url ?? "/";
  // A path that begins with two slashes would be read as another host's name.
  if (!target.startsWith("/")) return undefined;
  const host = request.headers.host ?? "localhost";
  // A name and a port, and nothing that would move the border between host and path.
  if (!/^[\w.-]+(:\d+)?$|^\[[\da-f:]+\](:\d+)?$/i.test(host)) return undefined;
  const base = `http://${host}`;
  return URL.canParse(base) ? new URL(`${base}${target}`) : undefined;
}

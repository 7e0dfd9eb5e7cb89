import { Agent, createServer, request as startRequest } from "node:http";
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { act } from "./actions.ts";
import type { ProxiedRequest } from "./proxied-request.ts";
import type { RunScope, Scopes } from "./run-scope.ts";
import type { Rule } from "./rule.ts";

/** What makes a proxy one for storage or for the image service. */
export interface ProxyKind {
  sort(method: string, path: string, headers: IncomingHttpHeaders, body: Buffer): ProxiedRequest;
  /** Told of each request of a run, before rules are asked. */
  onRequest?(request: ProxiedRequest, scope: RunScope): void;
  /** Told of each answer to one, before a byte of it is forwarded; may return it changed. Only whole answers come by here. */
  onAnswer?(request: ProxiedRequest, scope: RunScope, answer: Answer): Answer;
  /** Told of each piece of an answer that is forwarded as it comes, before it is. */
  onPiece?(request: ProxiedRequest, scope: RunScope, piece: Buffer): void;
  /** Told when all pieces are out. */
  onPiecesEnd?(request: ProxiedRequest, scope: RunScope): void;
  /** Told how a whole answer went out. */
  onForwarded?(request: ProxiedRequest, scope: RunScope, answer: Answer, isWhole: boolean): void;
}

export interface Answer {
  status: number;
  headers: OutgoingHttpHeaders;
  body: Buffer;
}

export interface Proxy {
  /** `http://127.0.0.1:PORT` */
  url: string;
  port: number;
  close(): Promise<void>;
}

/** One request on its way through. */
export interface Passage {
  request: ProxiedRequest;
  scope: RunScope | undefined;
  response: ServerResponse;
  kind: ProxyKind;
  /** The answer of whatever is behind, its body not yet read. */
  forward(): Promise<IncomingMessage>;
}

/**
 * Stands in front of one HTTP service and strikes requests by rule. Addresses and headers pass unchanged, the host's name
 * too: a shared-key signature covers the path and some headers, and never the host.
 */
export async function startProxy(target: string, kind: ProxyKind, scopes: Scopes): Promise<Proxy> {
  const { hostname, port } = new URL(target);
  // Whatever is behind closes what is idle for five seconds: a request on a connection that is about to be closed would be lost.
  const agent = new Agent({ keepAlive: true, timeout: 1_000 });

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    const method = incoming.method ?? "GET";
    const path = incoming.url ?? "/";
    const request = kind.sort(method, path, incoming.headers, body);
    const scope = scopes.of(request);
    if (scope) kind.onRequest?.(request, scope);
    const passage: Passage = {
      request,
      scope,
      response,
      kind,
      forward: () =>
        new Promise((resolve, reject) => {
          const options = { hostname, port, method, path, agent, headers: incoming.rawHeaders };
          const onward = startRequest(options, resolve);
          onward.once("error", reject);
          onward.end(body);
          // Who leaves is told to whatever is behind as well: it bills by whether the client was there.
          response.once("close", () => onward.destroy());
        }),
    };
    await act(ruleFor(request, scope, scopes)?.action, passage);
  }

  const server = createServer((incoming, response) => {
    serve(incoming, response).catch(() => response.socket?.resetAndDestroy());
  });
  // Clients keep connections for long; one that ends in the moment of its next use would be a fault nobody planned.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  server.headersTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port: ownPort } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${ownPort}`,
    port: ownPort,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      agent.destroy();
    },
  };
}

function ruleFor(request: ProxiedRequest, scope: RunScope | undefined, scopes: Scopes): Rule | undefined {
  return scope?.struck(request) ?? scopes.everybody?.struck(request);
}

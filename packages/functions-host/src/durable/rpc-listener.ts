import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import { answerEmpty, answerJson } from "../http-message.ts";
import { listen } from "../listen.ts";
import type { ApiReply } from "./http-api.ts";

/** The durable client API for the SDK in this process. */
export interface DurableRpc {
  /** Ends with a slash: the SDK resolves its paths against it. */
  baseUrl: string;
  close(): void;
}

// Unguessable: every process and every page on this machine can reach the port, and it asks for no key.
const base = `/${randomUUID()}/durabletask/`;

/** Serves the client API on a loopback port of its own, as the extension does (EXT LocalHttpListener.cs). */
export async function serveDurableRpc(
  api: (request: IncomingMessage, path: string, query: URLSearchParams) => Promise<ApiReply>,
): Promise<DurableRpc> {
  const server = createServer((request, response) => {
    const url = URL.parse(`http://localhost${request.url ?? "/"}`);
    if (!url?.pathname.startsWith(base)) {
      answerEmpty(response, 404);
      return;
    }
    api(request, url.pathname.slice(base.length), url.searchParams).then(
      ({ status, body, headers = {} }) => {
        if (body === undefined) response.writeHead(status, { "content-length": 0, ...headers }).end();
        else answerJson(response, status, body, headers);
      },
      () => answerEmpty(response, 500),
    );
  });
  const port = await listen(server, 0);
  return {
    baseUrl: `http://127.0.0.1:${port}${base}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

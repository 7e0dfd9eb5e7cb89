import { once } from "node:events";
import { createServer, request as forward } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as it passed: its method, its address below the account, and its body if it is for a table. */
export interface PassedRequest {
  method: string;
  path: string;
  query: string;
  body: string;
}

export interface CountingProxy {
  /** A connection string that leads through the proxy. */
  connectionString: string;
  /** What has passed since the last time. */
  take(): PassedRequest[];
  close(): Promise<void>;
}

/** Passes requests to Blob and Table Storage on and counts them; for a storage account that is reached over HTTP. */
export async function startCountingProxy(connectionString: string): Promise<CountingProxy> {
  let passed: PassedRequest[] = [];
  let proxied = connectionString;
  const servers = await Promise.all(
    ["Blob", "Table"].map(async (service) => {
      const endpoint = new RegExp(`${service}Endpoint=(http://[^/;]+)`).exec(connectionString)?.[1] ?? "";
      const server = createServer((request, response) => {
        const { pathname, search } = new URL(request.url ?? "", endpoint);
        const entry: PassedRequest = {
          method: request.method ?? "",
          path: pathname.split("/").slice(2).join("/"),
          query: decodeURIComponent(search),
          body: "",
        };
        passed.push(entry);
        if (service === "Table") request.on("data", (piece: Buffer) => (entry.body += piece.toString()));
        const { method, headers } = request;
        const onward = forward(`${endpoint}${request.url}`, { method, headers }, (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
          answer.pipe(response);
        });
        onward.on("error", (error) => response.destroy(error));
        request.pipe(onward);
      }).listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      proxied = proxied.replace(
        `${service}Endpoint=${endpoint}`,
        `${service}Endpoint=http://127.0.0.1:${port}`,
      );
      return server;
    }),
  );
  return {
    connectionString: proxied,
    take() {
      const taken = passed;
      passed = [];
      return taken;
    },
    async close() {
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
        await once(server, "close");
      }
    },
  };
}

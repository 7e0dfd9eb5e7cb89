import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll } from "vitest";

export interface SentRequest {
  head: string;
  body: string;
}

/** What a scripted service does with one request: raw bytes, told apart as they are to be sent, and how it then ends. */
export interface Script {
  bytes?: readonly (string | Uint8Array)[];
  /** A clean end of the connection; else it is reset. */
  close: boolean;
}

export interface ScriptedService {
  url: string;
  requests: SentRequest[];
}

/** Services that answer with bytes and nothing else: what no server of HTTP would bring itself to send. */
export function useScriptedService() {
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    for (const server of servers) server.close();
  });
  return async (script: (request: SentRequest) => Script): Promise<ScriptedService> => {
    const requests: SentRequest[] = [];
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
      socket.on("error", () => undefined);
      let received = Buffer.alloc(0);
      let isAnswered = false;
      socket.on("data", (chunk) => {
        received = Buffer.concat([received, chunk]);
        const request = readRequest(received);
        if (!request || isAnswered) return;
        isAnswered = true;
        requests.push(request);
        void perform(socket, script(request));
      });
    });
    servers.push(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
  };
}

/** Undefined until it has come whole. */
function readRequest(received: Buffer): SentRequest | undefined {
  const end = received.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const head = received.subarray(0, end).toString();
  const length = Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0);
  const body = received.subarray(end + 4);
  return body.length < length ? undefined : { head, body: body.toString() };
}

async function perform(socket: Socket, { bytes = [], close }: Script): Promise<void> {
  for (const piece of bytes) {
    await new Promise<void>((resolve) => socket.write(piece, () => resolve()));
  }
  if (close) socket.end();
  else {
    // A reset throws away what has not been read yet: what was sent gets a moment, and the reader in this process its turns.
    for (let turn = 0; turn < 10; turn += 1) await sleep(3);
    socket.resetAndDestroy();
  }
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { listen } from "../../packages/functions-host/src/listen.ts";

/** A server on loopback that is handed every request once it has come whole. */
export abstract class LoopbackServer {
  /** Sockets that were opened to it. */
  connections = 0;
  readonly #server: Server;
  #port = 0;

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => this.receive(request, Buffer.concat(chunks), response));
      // Anyone who hangs up, was killed or has lost its patience is part of what is tested.
      request.on("error", () => undefined);
      response.on("error", () => undefined);
    });
    this.#server.on("connection", () => (this.connections += 1));
  }

  protected abstract receive(request: IncomingMessage, body: Buffer, response: ServerResponse): void;

  /** Listens; once it has been closed, on the same port as before. */
  async listen(): Promise<void> {
    this.#port = await listen(this.#server, this.#port);
  }

  /** Nobody listens any more: anyone who connects is turned away by the machine. */
  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }
}

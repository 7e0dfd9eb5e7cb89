import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** A way to a server on which answers can be lost: they are read whole, so that the server believes them delivered. */
export class LossyProxy {
  /** How many of the next answers are thrown away. */
  losing = 0;
  /** Where it leads: known, for some, only after they were told the way. */
  target = "";
  readonly #server = createServer((request, response) => {
    const relay = async () => {
      const { status, headers, body } = await this.#forward(request);
      if (this.losing > 0) {
        this.losing -= 1;
        request.socket.destroy();
        return;
      }
      response.writeHead(status, headers);
      response.end(body);
    };
    relay().catch(() => request.socket.destroy());
  });

  async listen(target = ""): Promise<void> {
    this.target = target;
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #forward(request: IncomingMessage) {
    const sent = await buffer(request);
    const headers = new Headers(request.headers as Record<string, string>);
    // Of this hop alone; the next one has its own.
    for (const name of ["host", "connection", "content-length"]) headers.delete(name);
    const { method = "GET", url = "" } = request;
    const reply = await fetch(this.target + url, {
      method,
      headers,
      ...(sent.length > 0 && { body: Uint8Array.from(sent) }),
    });
    const body = Buffer.from(await reply.arrayBuffer());
    const passed = ["content-type", "etag"].flatMap((name) => {
      const value = reply.headers.get(name);
      return value === null ? [] : [[name, value] as const];
    });
    return { status: reply.status, headers: Object.fromEntries(passed), body };
  }
}

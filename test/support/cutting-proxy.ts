import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A way to a server whose connections can be cut: nothing of it knows HTTP. */
export class CuttingProxy {
  readonly #open = new Set<Socket>();
  readonly #server = createServer((client) => this.#join(client));
  #target = new URL("http://127.0.0.1");

  async listen(target: string): Promise<void> {
    this.#target = new URL(target);
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Cuts the oldest connections, or all of them. */
  cut(count = Infinity): void {
    [...this.#open].slice(0, count).forEach((socket) => socket.destroy());
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, "close");
  }

  #join(client: Socket): void {
    const server = connect(Number(this.#target.port), this.#target.hostname);
    this.#open.add(client);
    client.once("close", () => {
      this.#open.delete(client);
      server.destroy();
    });
    server.once("close", () => client.destroy());
    for (const socket of [client, server]) socket.on("error", () => socket.destroy());
    client.pipe(server).pipe(client);
  }
}

import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A way to the emulator on which requests can be seen and held, and answers cut. For plain http on 127.0.0.1. */
export async function tapBlobs(connectionString: string, before?: (request: string) => Promise<unknown>) {
  const port = Number(/BlobEndpoint=http:\/\/127\.0\.0\.1:(\d+)/.exec(connectionString)?.[1]);
  const requests: string[] = [];
  const sockets = new Map<Socket, number>();
  let cutAfter = Infinity;
  let answered = 0;

  async function forward(client: Socket, upstream: Socket) {
    for await (const bytes of client as AsyncIterable<Buffer>) {
      const head = /^[A-Z]+ \S+ HTTP\/1\.1\r\n.*?\r\n\r\n/s.exec(bytes.toString("latin1"))?.[0];
      if (head !== undefined) {
        requests.push(head);
        await before?.(head);
      }
      if (!upstream.write(bytes)) await once(upstream, "drain");
    }
  }

  const server = createServer((client) => {
    const upstream = connect(port, "127.0.0.1");
    sockets.set(client, 0);
    upstream.on("data", (bytes) => {
      answered += bytes.byteLength;
      sockets.set(client, (sockets.get(client) ?? 0) + bytes.byteLength);
      if (!client.write(bytes)) upstream.pause();
      if (answered > cutAfter) client.destroy();
    });
    client.on("drain", () => upstream.resume());
    client.on("close", () => {
      upstream.destroy();
      sockets.delete(client);
    });
    client.on("error", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
    upstream.on("error", () => client.destroy());
    forward(client, upstream).catch(() => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets.keys()) socket.destroy();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("No port.");
  return {
    connectionString: connectionString.replace(`127.0.0.1:${port}/`, `127.0.0.1:${address.port}/`),
    /** Heads of requests, in the order they came. */
    requests,
    /** Bytes of answers so far. */
    answered: () => answered,
    cutAfter: (bytes: number) => (cutAfter = answered + bytes),
    /** Bytes that came by each connection that is still open. */
    open: () => [...sockets.values()],
  };
}

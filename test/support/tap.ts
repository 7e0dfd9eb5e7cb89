import { connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A way to the emulator on which requests are seen and answers can be cut. Works for plain http on 127.0.0.1. */
export async function tapBlobs(connectionString: string) {
  const port = Number(/BlobEndpoint=http:\/\/127\.0\.0\.1:(\d+)/.exec(connectionString)?.[1]);
  const requests: string[] = [];
  const sockets = new Map<Socket, number>();
  let cutAfter = Infinity;
  let answered = 0;
  const server = createServer((client) => {
    const upstream = connect(port, "127.0.0.1");
    sockets.set(client, 0);
    client.on("data", (bytes) => {
      const line = /^([A-Z]+) (\S+) HTTP\/1\.1\r\n/.exec(bytes.toString("latin1"));
      if (line) requests.push(`${line[1] ?? ""} ${line[2] ?? ""}`);
      if (!upstream.write(bytes)) client.pause();
    });
    upstream.on("drain", () => client.resume());
    upstream.on("data", (bytes) => {
      answered += bytes.byteLength;
      sockets.set(client, (sockets.get(client) ?? 0) + bytes.byteLength);
      if (!client.write(bytes)) upstream.pause();
      if (answered > cutAfter) client.destroy();
    });
    client.on("drain", () => upstream.resume());
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on("error", () => other.destroy());
      one.on("close", () => {
        other.destroy();
        sockets.delete(client);
      });
    }
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
    requests,
    /** Bytes of answers so far. */
    answered: () => answered,
    cutAfter: (bytes: number) => (cutAfter = answered + bytes),
    /** Bytes that came by each connection that is still open. */
    open: () => [...sockets.values()],
  };
}

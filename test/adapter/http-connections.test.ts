import { createServer, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { httpConnections } from "../../src/adapters/net/http-connections.ts";
import type { Connection } from "../../src/ports/callers.ts";

/** What the function library does: takes a request by its id, and writes without looking back. */
const connections = httpConnections();
const arrived = new Map<string, (found: { connection: Connection; response: ServerResponse }) => void>();
const server = createServer((request, response) => {
  const id = String(request.headers["x-ms-invocation-id"]);
  response.writeHead(200).flushHeaders();
  arrived.get(id)?.({ connection: connections.of(id), response });
});
beforeAll(() => new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve)));
afterAll(() => server.close());

async function ask(id: string) {
  const found = new Promise<{ connection: Connection; response: ServerResponse }>((resolve) =>
    arrived.set(id, resolve),
  );
  const socket: Socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  socket.pause().write(`GET / HTTP/1.1\r\nhost: a\r\nx-ms-invocation-id: ${id}\r\n\r\n`);
  return { socket, ...(await found) };
}

const never = new AbortController().signal;
const more = Buffer.alloc(8 * 1024 * 1024);

describe("a connection", () => {
  it("that is left is closed, and takes nothing", async () => {
    const { socket, connection } = await ask("left");
    expect(connection.closed.aborted).toBe(false);
    const closed = new Promise((resolve) => connection.closed.addEventListener("abort", resolve));
    socket.destroy();
    await closed;
    expect(await connection.taken(never)).toBe(false);
    expect(connections.of("left").closed.aborted).toBe(true);
  });

  it("that isn't read has taken what was sent once it is", async () => {
    const { socket, connection, response } = await ask("slow");
    expect(await connection.taken(never)).toBe(true);
    response.write(more);
    const taken = connection.taken(never);
    expect(await connection.taken(AbortSignal.timeout(50))).toBe(false);
    socket.resume();
    expect(await taken).toBe(true);
    socket.destroy();
  });

  it("that isn't read and then left takes nothing", async () => {
    const { socket, connection, response } = await ask("stuck");
    response.write(more);
    const taken = connection.taken(never);
    socket.destroy();
    expect(await taken).toBe(false);
  });
});

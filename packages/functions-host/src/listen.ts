import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Listens on a port, 0 for a free one, of this machine alone unless an address is given, and returns the port. */
export function listen(server: Server, port: number, address = "127.0.0.1"): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, address, () => {
      server.off("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Stops listening and drops connections as they wait for a next request; answers under way may finish. */
export function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // A connection that becomes idle later would hold the server open until its keep-alive runs out.
    const idleTimer = setInterval(() => server.closeIdleConnections(), 20);
    server.close(() => {
      clearInterval(idleTimer);
      resolve();
    });
  });
}

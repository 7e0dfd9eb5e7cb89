import type { Socket } from "node:net";

/** Messages over a socket, each a line of JSON. */
export interface Channel<Out> {
  send(message: Out): void;
  /** Resolves when all that was sent has left and the other side was told. */
  end(): Promise<void>;
  destroy(): void;
}

export interface ChannelListener<In> {
  onMessage(message: In): void;
  /** Called once, however the socket closed. */
  onClose(): void;
}

/**
 * Both sides run this same program, and the first message proves it with a secret: what follows is read as the journal
 * is, as our own. `bytesBeforeTrust` bounds what a stranger can make this process keep until `trust` is called.
 */
export function openChannel<In, Out>(
  socket: Socket,
  listener: ChannelListener<In>,
  bytesBeforeTrust = Infinity,
): Channel<Out> & { trust(): void } {
  let limit = bytesBeforeTrust;
  let received = 0;
  let pending: string[] = [];
  socket.setNoDelay(true);
  socket.setEncoding("utf8");
  socket.on("data", (text: string) => {
    received += text.length;
    const [head = "", ...lines] = text.split("\n");
    pending.push(head);
    // Not readline: it also ends a line at U+2028, which JSON may hold as it is.
    for (const next of lines) {
      const line = pending.join("");
      pending = [next];
      if (!deliver(line)) return;
    }
    if (received > limit) socket.destroy();
  });
  const deliver = (line: string): boolean => {
    try {
      listener.onMessage(JSON.parse(line) as In);
    } catch (error) {
      // Before trust it is a stranger's noise, and no reason to end this process.
      if (limit === Infinity) throw error;
      socket.destroy();
    }
    return !socket.destroyed;
  };
  // A broken connection closes next, which is where it is dealt with.
  socket.on("error", () => undefined);
  socket.on("close", () => listener.onClose());
  return {
    send(message) {
      if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
    },
    end: () =>
      new Promise((resolve) => {
        if (socket.destroyed) resolve();
        else socket.once("close", () => resolve()).end();
      }),
    destroy: () => void socket.destroy(),
    trust() {
      limit = Infinity;
    },
  };
}

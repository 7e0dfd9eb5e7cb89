import { once } from "node:events";
import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Connection, Connections } from "../../ports/callers.ts";

/**
 * Connections by which the host takes answers from this process. The function library writes an answer's body without
 * looking whether anybody takes it, or is still there (@azure/functions 4.16.5, http/httpProxy.ts, sendProxyResponse): who
 * stops reading would have all of a stream held in memory, and who left would be written to until its end. It doesn't hand
 * its connections out, so they are heard of from Node.
 */
export function httpConnections(): Connections {
  const open = new Map<string, ServerResponse>();
  let isHeard = false;
  subscribe("http.server.request.start", (message) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    const id = request.headers["x-ms-invocation-id"];
    if (typeof id !== "string" || open.has(id)) return;
    isHeard = true;
    open.set(id, response);
    response.once("close", () => open.delete(id));
  });
  return {
    of(requestId) {
      const response = open.get(requestId);
      // One that isn't there any more is closed; if none was ever heard of, nothing is known of any.
      if (response) return connectionOf(response);
      const closed = isHeard ? AbortSignal.abort() : never;
      return { closed, taken, written: Promise.resolve(!isHeard) };
    },
  };
}

const never = new AbortController().signal;
const taken = () => Promise.resolve(true);

function connectionOf(response: ServerResponse): Connection {
  const closed = new AbortController();
  const { promise: written, resolve } = Promise.withResolvers<boolean>();
  response.once("close", () => {
    closed.abort();
    resolve(response.writableFinished);
  });
  return {
    closed: closed.signal,
    written,
    async taken(stopped) {
      if (closed.signal.aborted) return false;
      if (!response.writableNeedDrain) return true;
      const over = AbortSignal.any([stopped, closed.signal]);
      return once(response, "drain", { signal: over }).then(
        () => true,
        () => false,
      );
    },
  };
}

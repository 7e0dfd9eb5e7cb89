import { randomUUID } from "node:crypto";
import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";

/** Names the call that a request belongs to (Azure Functions host, ScriptConstants.HttpProxyCorrelationHeader). */
export const invocationIdHeader = "x-ms-invocation-id";

const isUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** HTTP requests as the host forwards them to this process, apart from the calls that they belong to. */
export interface ForwardedRequests {
  /** The request of a call. Rejects when it hasn't come within `maxWaitMs`. */
  of(invocationId: string): Promise<IncomingMessage>;
}

interface Options {
  /** Where the function library's own server listens. */
  port: number;
  maxWaitMs: number;
  /** Told of a request whose call hasn't come within `maxWaitMs`. */
  onUnclaimed: (invocationId: string) => void;
}

/**
 * Hears of requests from Node itself, because the function library hands none out. Nothing waits longer than `maxWaitMs`:
 * of call and request either may be lost, and a client that sends the header above chooses its own id.
 */
export function forwardedRequests({ port, maxWaitMs, onUnclaimed }: Options): ForwardedRequests {
  const waiting = new Map<string, (request: IncomingMessage) => void>();
  const unclaimed = new Map<string, { request: IncomingMessage; timer: NodeJS.Timeout }>();

  subscribe("http.server.request.start", (message) => {
    const { request } = message as { request: IncomingMessage };
    if (request.socket.localPort !== port) return;
    // A threat: Node answers an expectation that it doesn't know by itself, and the call would wait for its request in vain.
    delete request.headers.expect;
    const given = request.headers[invocationIdHeader];
    // A threat: the library emits an event of this name, and one that is called "error" ends the process.
    const id = typeof given === "string" && isUuid.test(given) ? given : randomUUID();
    request.headers[invocationIdHeader] = id;
    const idempotencyKey = waiting.get(id);
    if (idempotencyKey) {
      idempotencyKey(request);
      return;
    }
    clearTimeout(unclaimed.get(id)?.timer);
    const timer = setTimeout(() => {
      unclaimed.delete(id);
      onUnclaimed(id);
    }, maxWaitMs);
    unclaimed.set(id, { request, timer: timer.unref() });
  });

  return {
    of(id) {
      const arrived = unclaimed.get(id);
      if (arrived) {
        clearTimeout(arrived.timer);
        unclaimed.delete(id);
        return Promise.resolve(arrived.request);
      }
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(id);
          reject(new Error(`The HTTP request of this call did not arrive within ${maxWaitMs} ms.`));
        }, maxWaitMs);
        waiting.set(id, (request) => {
          clearTimeout(timer);
          waiting.delete(id);
          resolve(request);
        });
      });
    },
  };
}

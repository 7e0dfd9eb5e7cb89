import { Agent } from "undici";

// fetch keeps a copy of a body that it may have to send again, after a redirect or a challenge. The service has neither,
// and the copy would hold all files of a form in memory.
const uncopied = { redirect: "error", window: null } as const;

/**
 * Connections without clocks of their own: a call may take longer than the five minutes that fetch waits by default, for
 * headers and between two pieces of a body. Probes keep a silent connection from being forgotten on its way: Azure's
 * load balancers do that after four minutes (learn.microsoft.com, "Load Balancer TCP Reset and idle timeout"). To be handed
 * to Node's own fetch, whose Headers and FormData are the ones that the official client knows.
 */
export function longAgent(): Agent {
  return new Agent({
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: 10_000, keepAlive: true, keepAliveInitialDelay: 30_000 },
  });
}

/**
 * fetch, with forms uncopied. It is said here and not per request: the client overrides `redirect` where it sends an Azure
 * key.
 */
export const fetchUncopied: typeof fetch = (input, init = {}) => {
  const isForm = init.body instanceof FormData || init.body instanceof ReadableStream;
  return fetch(input, { ...init, ...(isForm ? uncopied : {}) });
};

import type { InvocationContext } from "@azure/functions";
import { leaseFrom, renewAfterMs } from "../domain/client-response.ts";
import { messageOf } from "../domain/message-of.ts";
import type { Connection } from "../ports/callers.ts";
import type { ClientResponses, Holding } from "../ports/client-responses.ts";
import type { Clock } from "../ports/clock.ts";

export interface LeaseDeps {
  responses: ClientResponses;
  clock: Clock;
  /** How long a lease is left before it is renewed. */
  renewEveryMs?: number;
}

/**
 * Keeps a request's lease of its response for as long as its client is there: anyone who sends the same again must not take
 * the job over meanwhile. Returns how to stop. A lease that can't be renewed runs out, after which the response counts as
 * lost; that is said once.
 */
export function keepLease(
  { responses, clock, renewEveryMs = renewAfterMs }: LeaseDeps,
  holding: Holding | undefined,
  { closed }: Pick<Connection, "closed">,
  context: InvocationContext,
): () => void {
  if (!holding) return () => undefined;
  let hasFailed = false;
  async function renew(renewed: Holding): Promise<void> {
    try {
      await responses.change(renewed, { heldUntil: leaseFrom(clock.now()) });
    } catch (error) {
      if (!hasFailed)
        context.warn(`the response with job ${renewed.jobId} could not be held: ${messageOf(error)}`);
      hasFailed = true;
    }
  }
  const timer = setInterval(() => void renew(holding), renewEveryMs).unref();
  const stop = () => clearInterval(timer);
  closed.addEventListener("abort", stop, { once: true });
  return stop;
}

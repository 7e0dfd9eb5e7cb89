import type { InvocationContext } from "@azure/functions";
import { setTimeout as sleep } from "node:timers/promises";
import { leaseFrom, renewAfterMs } from "../domain/client-response.ts";
import { isTerminal } from "../domain/image-job.ts";
import { findJob } from "../functions/find-job.ts";
import { messageOf } from "../functions/message-of.ts";
import type { ClientResponses, Clock, Connection, Holding, JobStore } from "../ports.ts";
import type { JobProgress, JobRecord } from "../records.ts";
import type { Submitted } from "./submit-once.ts";

interface Deps {
  jobs: JobStore;
  responses: ClientResponses;
  clock: Clock;
}

export interface Watching {
  connection: Connection;
  context: InvocationContext;
}

/** `late`: time is up and the job goes on. `left`: the client did. */
export type Awaited =
  | { kind: "ended"; job: JobRecord; progress: JobProgress }
  | { kind: "late" }
  | { kind: "left" };

/**
 * Waits for the job's end by watching its record, and keeps the lease of the response meanwhile. Storage that is away for a
 * moment ends nothing: the client's time is the limit.
 */
export async function awaitEnd(
  deps: Deps,
  { job, progress, holding }: Submitted,
  { connection, context }: Watching,
  seconds: number,
): Promise<Awaited> {
  if (isTerminal(job.status)) return { kind: "ended", job, progress };
  const { jobs, clock } = deps;
  const now = () => clock.now().getTime();
  const until = now() + seconds * 1000;
  let renewAt = now() + renewAfterMs;
  for (let pauseMs = 100; now() < until; pauseMs = Math.min(1_000, pauseMs * 1.5)) {
    await pause(Math.min(pauseMs, until - now()), connection.closed);
    if (connection.closed.aborted) return { kind: "left" };
    try {
      const seen = await jobs.read(job.id);
      if (seen && isTerminal(seen.status)) {
        const [ended, slots] = await findJob(jobs, job.id);
        return { kind: "ended", job: ended, progress: slots };
      }
      if (holding && now() >= renewAt) {
        await deps.responses.change(holding, { heldUntil: leaseFrom(clock.now()) });
        renewAt = now() + renewAfterMs;
      }
    } catch (error) {
      context.warn(`job ${job.id} could not be watched: ${messageOf(error)}`);
    }
  }
  return { kind: "late" };
}

async function pause(ms: number, stopped: AbortSignal): Promise<void> {
  // Rejects when stopped, which the caller looks for.
  await sleep(ms, undefined, { signal: stopped }).catch(() => undefined);
}

/** Records what became of a response. A failure leaves its lease to run out, after which it counts as lost. */
export async function settleResponse(
  { responses, clock }: Pick<Deps, "responses" | "clock">,
  holding: Holding,
  outcome: "delivered" | "lost",
  context: InvocationContext,
): Promise<void> {
  try {
    await responses.change(holding, { outcome, settledAt: clock.now().toISOString() });
  } catch (error) {
    context.warn(`the response with job ${holding.jobId} could not be settled: ${messageOf(error)}`);
  }
}

/** The same once the answer, which is yet to be written, has gone or could not go. */
export async function settleWhenWritten(
  deps: Pick<Deps, "responses" | "clock">,
  holding: Holding,
  { connection, context }: Watching,
): Promise<void> {
  const isWritten = await connection.written;
  await settleResponse(deps, holding, isWritten ? "delivered" : "lost", context);
}

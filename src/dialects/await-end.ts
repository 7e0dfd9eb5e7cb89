import type { InvocationContext } from "@azure/functions";
import { isTerminal } from "../domain/image-job.ts";
import { messageOf } from "../domain/message-of.ts";
import { untilEnded } from "../jobs/until-ended.ts";
import type { Connection } from "../ports/callers.ts";
import type { Holding } from "../ports/client-responses.ts";
import type { JobStore } from "../ports/jobs.ts";
import type { JobProgress, JobRecord } from "../ports/records.ts";
import type { LeaseDeps } from "./response-lease.ts";
import type { Submitted } from "./submit-once.ts";

interface Deps extends LeaseDeps {
  jobs: JobStore;
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

/** Waits for the job's end. Storage that is away for a moment ends nothing: the client's time is the limit. */
export async function awaitEnd(
  deps: Deps,
  { job, progress }: Submitted,
  { connection, context }: Watching,
  seconds: number,
): Promise<Awaited> {
  if (isTerminal(job.status)) return { kind: "ended", job, progress };
  let hasFailed = false;
  const onFailure = (error: unknown) => {
    if (!hasFailed) context.warn(`job ${job.id} could not be watched: ${messageOf(error)}`);
    hasFailed = true;
  };
  const ended = await untilEnded(deps, job.id, { seconds, stopped: connection.closed, onFailure });
  if (connection.closed.aborted) return { kind: "left" };
  return ended ? { kind: "ended", job: ended[0], progress: ended[1] } : { kind: "late" };
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

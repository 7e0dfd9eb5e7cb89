import type { HttpResponseInit } from "@azure/functions";
import { replayed } from "../../jobs/accept-job.ts";
import type { EndpointCall } from "../../http/endpoint.ts";
import { maxWaitSeconds } from "../../http/prefer-wait.ts";
import { respondJson } from "../../http/respond.ts";
import type { Connections } from "../../ports/callers.ts";
import type { JobProgress, JobRecord } from "../../ports/records.ts";
import { awaitEnd, settleResponse, settleWhenWritten } from "../await-end.ts";
import { keepLease, type LeaseDeps } from "../response-lease.ts";
import type { SubmitDeps, Submitted } from "../submit-once.ts";
import type { ErrorWords } from "../surface.ts";

export interface AnswerDeps extends SubmitDeps, LeaseDeps {
  connections: Connections;
  /** How long an answer is held back for its job's end. */
  waitSeconds?: number;
}

/** How one surface answers. */
export interface Rendering {
  errors: ErrorWords;
  images: (job: JobRecord, progress: JobProgress) => Promise<object>;
}

/**
 * The one answer of a synchronous request: its job's end, or that the job goes on. A client that hangs up cancels nothing;
 * its response is noted as lost, and anyone who sends the same again joins the job.
 */
export async function answerWithJob(
  deps: AnswerDeps,
  { requestId, context }: EndpointCall,
  submitted: Submitted,
  rendering: Rendering,
): Promise<HttpResponseInit> {
  const { job, holding } = submitted;
  const connection = deps.connections.of(requestId);
  const watching = { connection, context };
  const headers = headersOf(submitted);
  // Until the last byte is written, however long a slow client takes.
  const release = keepLease(deps, holding, connection, context);
  void connection.written.then(release, release);
  const awaited = await awaitEnd(deps, submitted, watching, deps.waitSeconds ?? maxWaitSeconds);
  if (awaited.kind !== "ended") {
    release();
    // Before the answer: the retry may come at once.
    if (holding) await settleResponse(deps, holding, "lost", context);
    const again = { "x-should-retry": "true", "retry-after": "1" };
    return respondJson(504, rendering.errors.ofLate(job.id), { ...headers, ...again });
  }
  const response = await endOf(awaited.job, awaited.progress, headers, rendering);
  if (holding) void settleWhenWritten(deps, holding, watching);
  return response;
}

async function endOf(
  job: JobRecord,
  progress: JobProgress,
  headers: Record<string, string>,
  { errors, images }: Rendering,
): Promise<HttpResponseInit> {
  if (job.status === "succeeded") return respondJson(200, await images(job, progress), headers);
  const { status, error } = errors.ofFailure(job);
  return respondJson(status, { error }, { ...headers, "x-should-retry": "false" });
}

export function headersOf({ job, isReplay }: Submitted): Record<string, string> {
  return { "x-darkroom-job": job.id, "x-darkroom-model": job.model, ...(isReplay && replayed) };
}

import type { InvocationContext } from "@azure/functions";
import type { NotifyCompletionStep } from "../contracts/workflow.ts";
import { tallyCalls } from "../domain/call-attempts.ts";
import { AppError } from "../domain/app-error.ts";
import type { CancellationNotices } from "../ports/cancellations.ts";
import type { Clock } from "../ports/clock.ts";
import type { JobProgress, JobRecord } from "../ports/records.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { findJobOf, type JobFinder } from "../jobs/find-job.ts";
import { messageOf } from "../domain/message-of.ts";
import { toJobResource, type JobResourceDeps } from "../jobs/job-resource.ts";
import { respondJson } from "../http/respond.ts";

export interface NotifyingContext {
  /** Has an ended job's end told to the one who wants to know; `late` to one alone, who came after the end. */
  notifyCompletion: (step: NotifyCompletionStep, context: InvocationContext) => Promise<unknown>;
}

export interface CancelJobDeps extends JobFinder, NotifyingContext {
  clock: Clock;
  cancellations: Pick<CancellationNotices, "publish">;
}

/**
 * Ends a job that goes on: what is stored stays, nothing is added, and calls on their way are cut off by the one who makes
 * them, as soon as they see the end.
 */
export const jobCancelPost = (deps: CancelJobDeps & JobResourceDeps): Endpoint => ({
  name: "job-cancel-post",
  method: "POST",
  route: "api/jobs/{id}/cancel",
  access: "caller",
  runsJobs: true,
  async handle({ request, params, caller, context }) {
    const [job, progress] = await cancelJob(deps, { caller, id: params["id"] ?? "" }, context);
    return respondJson(200, await toJobResource(deps, job, progress, deps.originOf(request)));
  },
});

/** Cancels the caller's own job; returns it as it then stands. Throws `conflict` when it has ended in another way. */
export async function cancelJob(
  deps: CancelJobDeps,
  { id, caller }: { id: string; caller: string },
  context: InvocationContext,
): Promise<[JobRecord, JobProgress]> {
  const { jobs, clock } = deps;
  const [found] = await findJobOf(deps, caller, id);
  const ended = await jobs.end(found.id, ({ calls }) => ({
    end: { status: "canceled", finishedAt: clock.now().toISOString(), ...tallyCalls(calls) },
    slots: [],
  }));
  const { status } = ended?.job ?? {};
  if (status !== undefined && status !== "canceled")
    throw new AppError("conflict", `The job has ${status} already; there is nothing left to cancel.`);
  await cutCalls(deps, found.id, context);
  await notifyOfEnd(deps, found.id, context);
  return findJobOf(deps, caller, found.id);
}

/** Calls on other instances are cut a few seconds later without it. */
async function cutCalls(
  { cancellations, clock }: CancelJobDeps,
  jobId: string,
  context: InvocationContext,
): Promise<void> {
  try {
    await cancellations.publish(jobId, clock.now());
  } catch (error) {
    context.warn(`the cancellation of job ${jobId} could not be published: ${messageOf(error)}`);
  }
}

/** The orchestration may sleep for hours before it learns of the end; anyone who is to be told of it shouldn't have to wait. */
async function notifyOfEnd(
  { notifyCompletion }: CancelJobDeps,
  jobId: string,
  context: InvocationContext,
): Promise<void> {
  try {
    await notifyCompletion({ jobId }, context);
  } catch (error) {
    context.warn(`the end of job ${jobId} could not be told and will be later: ${messageOf(error)}`);
  }
}

import type { HttpRequest, HttpResponseInit, InvocationContext } from "@azure/functions";
import { setTimeout as sleep } from "node:timers/promises";
import type { Job } from "../contracts/http-api.ts";
import { isTerminal } from "../domain/image-job.ts";
import type { Clock, JobRunner } from "../ports.ts";
import type { JobRecord } from "../records.ts";
import { findJob, type JobFinder } from "./find-job.ts";
import { preferredWaitSeconds } from "./prefer-wait.ts";
import { presentJob, type Presenter } from "./present-job.ts";
import { respondAccepted, respondJson } from "./respond.ts";

export interface Accepting extends JobFinder, Presenter {
  clock: Clock;
  logPrompts: boolean;
  runner: (context: InvocationContext) => JobRunner;
}

/** Records a checked job, starts it, and only then answers: at once, or with its end if the caller prefers to wait. */
export async function acceptJob(
  deps: Accepting,
  job: JobRecord,
  { request, context }: { request: HttpRequest; context: InvocationContext },
): Promise<HttpResponseInit> {
  await recordAndStart(deps, job, context);
  const { origin } = new URL(request.url);
  const waitSeconds = preferredWaitSeconds(request.headers.get("prefer"));
  const applied: Record<string, string> =
    waitSeconds > 0 ? { "preference-applied": `wait=${waitSeconds}` } : {};
  const watched = waitSeconds > 0 ? await watch(deps, job.id, waitSeconds, origin, context) : undefined;
  if (watched && isTerminal(watched.status)) return respondJson(200, watched, applied);
  return respondAccepted(watched ?? (await presentJob(deps, job, { slots: [], calls: [] }, origin)), applied);
}

/**
 * From its record on a job is accepted. One that can't be started now is started by jobs-reconcile; to fail here would
 * have the caller post, and pay for, another.
 */
export async function recordAndStart(
  { jobs, runner, logPrompts }: Pick<Accepting, "jobs" | "runner" | "logPrompts">,
  job: JobRecord,
  context: InvocationContext,
): Promise<void> {
  await jobs.create(job);
  if (isTerminal(job.status)) {
    context.warn(`job ${job.id} was refused: ${job.fault?.code ?? "unknown"}`);
    return;
  }
  try {
    await runner(context).start(job);
  } catch (error) {
    context.error(`job ${job.id} could not be started and will be later: ${messageOf(error)}`);
  }
  context.info(`job ${job.id} accepted: ${job.kind}, ${job.model} at ${job.deployment}, n=${job.request.n}`);
  if (logPrompts) context.info(`job ${job.id} prompt: ${JSON.stringify(job.request.prompt)}`);
}

/** The job once it has ended or the time is up; undefined when it can't be watched: the caller then polls. */
async function watch(
  deps: Accepting,
  jobId: string,
  seconds: number,
  origin: string,
  context: InvocationContext,
): Promise<Job | undefined> {
  try {
    await untilEnded(deps, jobId, seconds);
    return await presentJob(deps, ...(await findJob(deps.jobs, jobId)), origin);
  } catch (error) {
    context.warn(`job ${jobId} could not be watched: ${messageOf(error)}`);
    return undefined;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "unknown";
}

/** Watches the record rather than the orchestration: it is what every other reader sees. */
async function untilEnded({ jobs, clock }: Accepting, jobId: string, seconds: number): Promise<void> {
  const until = clock.now().getTime() + seconds * 1000;
  for (let pauseMs = 100; clock.now().getTime() < until; pauseMs = Math.min(1_000, pauseMs * 1.5)) {
    await sleep(Math.min(pauseMs, until - clock.now().getTime()));
    const job = await jobs.read(jobId);
    if (job && isTerminal(job.status)) return;
  }
}

import type { HttpRequest, HttpResponseInit, InvocationContext } from "@azure/functions";
import { setTimeout as sleep } from "node:timers/promises";
import type { Job } from "../contracts/http-api.ts";
import type { Claim } from "../domain/claim.ts";
import { isTerminal } from "../domain/image-job.ts";
import type { ClaimStore, Clock, JobRunner } from "../ports.ts";
import type { JobProgress, JobRecord } from "../records.ts";
import { findJob, type JobFinder } from "./find-job.ts";
import { joinClaimed, type Repetition } from "./join-claimed.ts";
import { messageOf } from "./message-of.ts";
import { preferredWaitSeconds } from "./prefer-wait.ts";
import { presentJob, type Presenter } from "./present-job.ts";
import { respondAccepted, respondJson } from "./respond.ts";

export interface Accepting extends JobFinder, Presenter {
  clock: Clock;
  claims: ClaimStore;
  logPrompts: boolean;
  runner: (context: InvocationContext) => JobRunner;
}

/** What an answer carries that tells of an earlier request's job. */
export const replayed = { "idempotency-replayed": "true" };

interface Exchange {
  request: HttpRequest;
  context: InvocationContext;
}

interface Submission extends Exchange {
  claim: Claim | undefined;
  /** Takes back what was stored for a job that won't be. */
  withdraw?: () => Promise<void>;
}

/**
 * Records a checked job, starts it, and only then answers: at once, or with its end if the caller prefers to wait. A
 * repetition is answered with the job of the first request, and nothing is recorded.
 */
export async function acceptJob(
  deps: Accepting,
  job: JobRecord,
  { claim, withdraw, ...exchange }: Submission,
): Promise<HttpResponseInit> {
  const repetition = await recordOnce(deps, job, claim, exchange.context);
  if (!repetition) return answerWith(deps, [job, { slots: [], calls: [] }], exchange);
  await withdraw?.();
  return answerRepetition(deps, repetition, exchange);
}

/** Answers with the job of the request that this one repeats, as it stands. */
export async function answerRepetition(
  deps: Accepting,
  repetition: Repetition,
  exchange: Exchange,
): Promise<HttpResponseInit> {
  const found = await joinClaimed(deps, repetition, exchange.context);
  return answerWith(deps, found, exchange, replayed);
}

async function answerWith(
  deps: Accepting,
  [job, progress]: [JobRecord, JobProgress],
  { request, context }: Exchange,
  headers: Record<string, string> = {},
): Promise<HttpResponseInit> {
  const origin = deps.originOf(request);
  const waitSeconds = preferredWaitSeconds(request.headers.get("prefer"));
  const applied = {
    ...headers,
    "x-darkroom-model": job.model,
    ...(waitSeconds > 0 && { "preference-applied": `wait=${waitSeconds}` }),
  };
  const watched =
    waitSeconds > 0 && !isTerminal(job.status)
      ? await watch(deps, job.id, waitSeconds, origin, context)
      : undefined;
  const shown = watched ?? (await presentJob(deps, job, progress, origin));
  return isTerminal(shown.status) ? respondJson(200, shown, applied) : respondAccepted(shown, applied);
}

/** Records the job under its claim and starts it; or returns whose claim stands there already, with nothing recorded. */
export async function recordOnce(
  deps: Pick<Accepting, "jobs" | "claims" | "runner" | "logPrompts">,
  job: JobRecord,
  claim: Claim | undefined,
  context: InvocationContext,
): Promise<Repetition | undefined> {
  if (!claim) {
    await recordAndStart(deps, job, context);
    return undefined;
  }
  const standing = await deps.claims.record(job, claim);
  if (standing) return { claim, standing };
  await startRecorded(deps, job, context);
  return undefined;
}

export async function recordAndStart(
  deps: Pick<Accepting, "jobs" | "runner" | "logPrompts">,
  job: JobRecord,
  context: InvocationContext,
): Promise<void> {
  await deps.jobs.create(job);
  await startRecorded(deps, job, context);
}

/**
 * From its record on a job is accepted. One that can't be started now is started by jobs-reconcile; to fail here would
 * have the caller post, and pay for, another.
 */
async function startRecorded(
  { runner, logPrompts }: Pick<Accepting, "runner" | "logPrompts">,
  job: JobRecord,
  context: InvocationContext,
): Promise<void> {
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

/** Watches the record rather than the orchestration: it is what every other reader sees. */
async function untilEnded({ jobs, clock }: Accepting, jobId: string, seconds: number): Promise<void> {
  const until = clock.now().getTime() + seconds * 1000;
  for (let pauseMs = 100; clock.now().getTime() < until; pauseMs = Math.min(1_000, pauseMs * 1.5)) {
    await sleep(Math.min(pauseMs, until - clock.now().getTime()));
    const job = await jobs.read(jobId);
    if (job && isTerminal(job.status)) return;
  }
}

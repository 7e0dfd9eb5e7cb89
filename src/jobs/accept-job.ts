import type { HttpRequest, HttpResponseInit, InvocationContext } from "@azure/functions";
import type { Job } from "../contracts/http-api.ts";
import type { IdempotencyKey } from "../domain/idempotency.ts";
import type { Identity } from "../domain/identity.ts";
import { isTerminal } from "../domain/image-job.ts";
import type { TokenUses } from "../ports/callers.ts";
import { type JobAccounts, withSpendCap } from "./job-accounts.ts";
import type { JobQueue } from "./job-queue.ts";
import type { Clock } from "../ports/clock.ts";
import type { IdempotencyStore, JobRunner } from "../ports/jobs.ts";
import type { ServiceState } from "../ports/service.ts";
import type { JobProgress, JobRecord } from "../ports/records.ts";
import { admitJob } from "./admit-job.ts";
import { findJob, type JobFinder } from "./find-job.ts";
import { findReplay, replayOriginal, type Replay } from "./replay-original.ts";
import { messageOf } from "../domain/message-of.ts";
import { preferredWaitSeconds } from "../http/prefer-wait.ts";
import { toJobResource, type JobResourceDeps } from "./job-resource.ts";
import { respondAccepted, respondJson } from "../http/respond.ts";
import { untilEnded } from "./until-ended.ts";

export interface AcceptJobDeps extends JobFinder, JobResourceDeps {
  clock: Clock;
  idempotency: IdempotencyStore;
  logPrompts: boolean;
  accounts: JobAccounts;
  queue: JobQueue;
  runner: (context: InvocationContext) => JobRunner;
  tokenUses: TokenUses;
  service: ServiceState;
}

/** What an answer carries that tells of an earlier request's job. */
export const replayed = { "idempotency-replayed": "true" };

interface Exchange {
  request: HttpRequest;
  context: InvocationContext;
}

/** Who asks for a job, and in which invocation. What comes by the inbox has no identity. */
export type Asker = { context: InvocationContext; identity: Identity | undefined };

export interface Submission extends Exchange, Asker {
  idempotencyKey: IdempotencyKey | undefined;
  /** Takes back what was stored for a job that won't be. */
  withdraw?: () => Promise<void>;
}

/**
 * Records a checked job, starts it, and only then answers: at once, or with its end if the caller prefers to wait. A
 * repetition is answered with the job of the first request, and nothing is recorded.
 */
export async function acceptJob(
  deps: AcceptJobDeps,
  job: JobRecord,
  { idempotencyKey, withdraw, ...exchange }: Submission,
): Promise<HttpResponseInit> {
  const replay = await createOnce(deps, job, idempotencyKey, exchange);
  if (!replay) return answerWith(deps, [job, { slots: [], calls: [] }], exchange);
  await withdraw?.();
  return answerReplay(deps, replay, exchange);
}

/** Answers with the job of the request that this one repeats, as it stands. */
export async function answerReplay(
  deps: AcceptJobDeps,
  replay: Replay,
  exchange: Exchange,
): Promise<HttpResponseInit> {
  const found = await replayOriginal(deps, replay, exchange.context);
  return answerWith(deps, found, exchange, replayed);
}

async function answerWith(
  deps: AcceptJobDeps,
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
  const shown = watched ?? (await toJobResource(deps, job, progress, origin));
  return isTerminal(shown.status) ? respondJson(200, shown, applied) : respondAccepted(shown, applied);
}

/** What it takes to record a job and start it, for callers and for files of the inbox. */
export type CreateJobDeps = Pick<
  AcceptJobDeps,
  "jobs" | "idempotency" | "runner" | "logPrompts" | "tokenUses" | "service" | "accounts" | "queue" | "clock"
>;

/**
 * Records the job under its idempotency record and starts it; or returns whose record is there already, with nothing recorded.
 * Throws `forbidden` for a job that the asker's scopes or token don't allow.
 */
export async function createOnce(
  deps: CreateJobDeps,
  draft: JobRecord,
  idempotencyKey: IdempotencyKey | undefined,
  { context, identity }: Asker,
): Promise<Replay | undefined> {
  const job = withSpendCap(draft, identity?.token);
  let admission: Awaited<ReturnType<typeof admitJob>> | undefined;
  let counted: Awaited<ReturnType<JobAccounts["enter"]>> | undefined;
  let queued: Awaited<ReturnType<JobQueue["join"]>>;
  try {
    admission = await admitJob(deps, identity, job);
    counted = await deps.accounts.enter(job);
    queued = await deps.queue.join(job);
  } catch (error) {
    await admission?.undo();
    await counted?.leave();
    // The job of a request that comes again needs no place and no leave: it has one, or has had it.
    const replay = await findReplay(deps, idempotencyKey);
    if (replay) return replay;
    throw error;
  }
  if (!idempotencyKey) {
    await recordAndStart(deps, job, context);
    return undefined;
  }
  const original = await deps.idempotency.record(job, idempotencyKey);
  if (original) {
    await admission.undo();
    await counted.leave();
    queued.leave();
    return { idempotencyKey, original };
  }
  await startRecorded(deps, job, context);
  return undefined;
}

export async function recordAndStart(
  deps: Pick<AcceptJobDeps, "jobs" | "runner" | "logPrompts">,
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
  { runner, logPrompts }: Pick<AcceptJobDeps, "runner" | "logPrompts">,
  job: JobRecord,
  context: InvocationContext,
): Promise<void> {
  if (isTerminal(job.status)) {
    context.warn(`job ${job.id} was refused: ${job.failure?.code ?? "unknown"}`);
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
  deps: AcceptJobDeps,
  jobId: string,
  seconds: number,
  origin: string,
  context: InvocationContext,
): Promise<Job | undefined> {
  try {
    const onFailure = (error: unknown) => {
      throw error;
    };
    const ended = await untilEnded(deps, jobId, { seconds, onFailure });
    return await toJobResource(deps, ...(ended ?? (await findJob(deps.jobs, jobId))), origin);
  } catch (error) {
    context.warn(`job ${jobId} could not be watched: ${messageOf(error)}`);
    return undefined;
  }
}

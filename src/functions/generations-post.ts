import type { InvocationContext } from "@azure/functions";
import { setTimeout as sleep } from "node:timers/promises";
import { type GenerationRequest, generationRequest, type Job } from "../contracts/http-api.ts";
import { chooseDeployment, type Offer } from "../domain/deployment.ts";
import { invalidRequest } from "../domain/fault.ts";
import { completeWish } from "../domain/image-request.ts";
import { isTerminal } from "../domain/image-job.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type { Clock, JobRunner } from "../ports.ts";
import type { JobRecord } from "../records.ts";
import type { Endpoint } from "./endpoint.ts";
import { findJob, type JobFinder } from "./find-job.ts";
import { preferredWaitSeconds } from "./prefer-wait.ts";
import { presentJob, type Presenter } from "./present-job.ts";
import { readJsonBody } from "./read-body.ts";
import { respondAccepted, respondJson } from "./respond.ts";

interface Dependencies extends JobFinder, Presenter {
  clock: Clock;
  offers: readonly Offer[];
  jobDeadlineSeconds: number;
  logPrompts: boolean;
  runner: (context: InvocationContext) => JobRunner;
}

// The longest prompt in four-byte characters, escaped, with room for the rest.
const maximumBodyBytes = 512 * 1024;

/** Accepts a generation: checked, recorded, started, and only then answered. */
export const generationsPost = (deps: Dependencies): Endpoint => ({
  name: "generations-post",
  method: "POST",
  route: "api/images/generations",
  access: "caller",
  runsJobs: true,
  async handle({ request, caller, context }) {
    const body = await readJsonBody(request, generationRequest, maximumBodyBytes);
    const job = draftJob(deps, caller, body);
    await deps.jobs.create(job);
    await startJob(deps, job, context);
    context.info(`job ${job.id} accepted: ${job.model} at ${job.deployment}, n=${job.request.n}`);
    if (deps.logPrompts) context.info(`job ${job.id} prompt: ${JSON.stringify(job.request.prompt)}`);

    const { origin } = new URL(request.url);
    const waitSeconds = preferredWaitSeconds(request.headers.get("prefer"));
    const applied: Record<string, string> =
      waitSeconds > 0 ? { "preference-applied": `wait=${waitSeconds}` } : {};
    const watched = waitSeconds > 0 ? await watch(deps, job.id, waitSeconds, origin, context) : undefined;
    if (watched && isTerminal(watched.status)) return respondJson(200, watched, applied);
    return respondAccepted(
      watched ?? (await presentJob(deps, job, { slots: [], calls: [] }, origin)),
      applied,
    );
  },
});

function draftJob(
  { clock, ids, offers, jobDeadlineSeconds }: Dependencies,
  caller: string,
  body: GenerationRequest,
): JobRecord {
  const chosen = chooseDeployment(body, offers);
  if (!chosen.ok) throw invalidRequest(chosen.violations, chosen.lead);
  const { deployment, capability } = chosen.offer;
  const now = clock.now();
  return withoutAbsent({
    id: ids.next(caller),
    caller,
    kind: "generation" as const,
    status: "queued" as const,
    model: deployment.model,
    deployment: deployment.name,
    request: completeWish(body, capability),
    tags: body.tags,
    metadata: body.metadata,
    createdAt: now.toISOString(),
    deadline: new Date(now.getTime() + jobDeadlineSeconds * 1000).toISOString(),
  });
}

/**
 * From its record on a job is accepted. One that can't be started now is started by jobs-reconcile; to fail here would
 * have the caller post, and pay for, another.
 */
async function startJob({ runner }: Dependencies, job: JobRecord, context: InvocationContext): Promise<void> {
  try {
    await runner(context).start(job);
  } catch (error) {
    context.error(`job ${job.id} could not be started and will be later: ${messageOf(error)}`);
  }
}

/** The job once it has ended or the time is up; undefined when it can't be watched: the caller then polls. */
async function watch(
  deps: Dependencies,
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
async function untilEnded({ jobs, clock }: Dependencies, jobId: string, seconds: number): Promise<void> {
  const until = clock.now().getTime() + seconds * 1000;
  for (let pauseMs = 100; clock.now().getTime() < until; pauseMs = Math.min(1_000, pauseMs * 1.5)) {
    await sleep(Math.min(pauseMs, until - clock.now().getTime()));
    const job = await jobs.read(jobId);
    if (job && isTerminal(job.status)) return;
  }
}

import { deliveryIdOf } from "../../src/domain/webhook.ts";
import {
  type DeliveryInput,
  type EditJobInput,
  type JobInput,
  type PlannedJob,
  orchestrations,
  steps,
} from "../../src/contracts/workflow.ts";
import { editJob } from "../../src/orchestrations/edit-job.ts";
import { imageJob } from "../../src/orchestrations/image-job.ts";
import { runBatch } from "../../src/orchestrations/run-calls.ts";
import { webhookDelivery } from "../../src/orchestrations/webhook-delivery.ts";
import { taskHub } from "../../packages/functions-host/test/unit/durable/orchestration.ts";

type Steps = typeof steps;
type InputOf<K extends keyof Steps> = Parameters<NonNullable<Steps[K]["types"]>>[0];
type OutputOf<K extends keyof Steps> = ReturnType<NonNullable<Steps[K]["types"]>>;

/** Typed by the very steps the orchestrations call: a stale fake does not compile. */
export type FakeActivities = {
  [K in keyof Steps]: (input: InputOf<K>) => OutputOf<K> | Promise<OutputOf<K>>;
};

export interface StepCall {
  step: keyof Steps;
  input: unknown;
  /** Virtual milliseconds since the job was started. */
  at: number;
}

const quiet: FakeActivities = {
  beginJob: () => ({ proceed: true }),
  gatherInputs: () => ({ kind: "ready" }),
  renderImages: () => ({ kind: "stored" }),
  submitOperation: () => ({ kind: "submitted", retryAfterMs: 2_000 }),
  collectOperation: () => ({ kind: "stored" }),
  failSlots: () => ({ done: true }),
  finishJob: () => ({ images: [] }),
  publishResult: () => ({ published: true }),
  notifyCompletion: () => ({ notified: true }),
  deliverWebhook: () => ({ kind: "over" }),
  makeAllThumbnails: () => ({ made: 1 }),
};

type Timeless<J extends PlannedJob> = Partial<Omit<J, "deadline" | "arriveBy" | "resume">> & {
  deadlineMs?: number;
};

/** Runs a whole image job on the real SDK, with fake activities, in virtual time. */
export async function runImageJob(job: Timeless<JobInput>, fakes: Partial<FakeActivities> = {}) {
  return runJob(orchestrations.imageJob, job, fakes);
}

/** The same for an edit whose inputs are yet to arrive. */
export async function runEditJob(
  { arriveByMs = 600_000, ...job }: Timeless<EditJobInput> & { arriveByMs?: number },
  fakes: Partial<FakeActivities> = {},
) {
  return runJob(orchestrations.editJob, { publishes: false, ...job }, fakes, (startedAt) => ({
    arriveBy: startedAt + arriveByMs,
  }));
}

async function runJob(
  orchestration: string,
  job: Timeless<EditJobInput>,
  fakes: Partial<FakeActivities>,
  moreOf: (startedAt: number) => { arriveBy?: number } = () => ({}),
) {
  const calls: StepCall[] = [];
  let peakRows = 0;
  const all: FakeActivities = { ...quiet, ...fakes };
  const activities = Object.fromEntries(
    (Object.keys(steps) as (keyof Steps)[]).map((step) => [
      steps[step].name,
      (input: unknown) => {
        calls.push({ step, input, at: hub.clock.now() - startedAt });
        peakRows = Math.max(peakRows, rows());
        return (all[step] as (input: unknown) => unknown)(input);
      },
    ]),
  );
  const logged: string[] = [];
  const hub = taskHub({
    log: (line) => logged.push(line),
    orchestrators: {
      [orchestrations.imageJob]: imageJob,
      [orchestrations.editJob]: editJob,
      [orchestrations.runBatch]: runBatch,
      [orchestrations.webhookDelivery]: webhookDelivery,
    },
    activities,
  });
  const rows = () => hub.engine.list().reduce((sum, { id }) => sum + hub.engine.history(id).length, 0);
  const startedAt = hub.clock.now();
  const { deadlineMs = 600_000, ...rest } = job;
  const input: JobInput = {
    jobId: "job_x",
    n: 1,
    protocol: "one-per-call",
    imagesPerCall: 1,
    deadline: startedAt + deadlineMs,
    ...rest,
    ...moreOf(startedAt),
  };
  hub.engine.start(orchestration, input, input.jobId);
  const status = await hub.finish(input.jobId);
  return {
    hub,
    status: status.runtimeStatus,
    calls,
    logged,
    of: (step: keyof Steps) => calls.filter((call) => call.step === step),
    elapsed: hub.clock.now() - startedAt,
    /** Of all histories of the job: at its end, and the most that there were at the start of any step. */
    rows: rows(),
    closeAccount: async () => {},
    peakRows,
  };
}

type Delivering = (
  input: InputOf<"deliverWebhook">,
  now: () => number,
  startedAt: number,
) => OutputOf<"deliverWebhook">;

/** The delivery of a webhook on the real SDK, in virtual time; `deliver` stands for one try. */
export async function runDelivery(deliver: Delivering) {
  const calls: StepCall[] = [];
  const hub = taskHub({
    orchestrators: { [orchestrations.webhookDelivery]: webhookDelivery },
    activities: {
      [steps.deliverWebhook.name]: (input: unknown) => {
        calls.push({ step: "deliverWebhook", input, at: hub.clock.now() - startedAt });
        return deliver(input as InputOf<"deliverWebhook">, () => hub.clock.now(), startedAt);
      },
    },
  });
  const startedAt = hub.clock.now();
  const input: DeliveryInput = { jobId: "job_x", round: 1 };
  const id = `${deliveryIdOf(input.jobId)}-${input.round}`;
  hub.engine.start(orchestrations.webhookDelivery, input, id);
  const { runtimeStatus: status } = await hub.finish(id);
  const of = (step: keyof Steps) => calls.filter((call) => call.step === step);
  return { hub, id, status, of, elapsed: hub.clock.now() - startedAt };
}

import type { CallPause } from "../domain/call-pause.ts";
import type { ErrorInfo } from "../domain/app-error.ts";
import type { DeliveryTarget } from "../domain/hook.ts";
import type { Protocol } from "../domain/model-catalogue.ts";
import type { PlannedCall } from "../domain/plan-calls.ts";
import type { RetryPolicy } from "../domain/step-retry.ts";
import type { CallOutcome, OperationOutcome, SubmitOutcome } from "../domain/upstream-outcome.ts";
import { deliveryIdOf } from "../domain/webhook.ts";

/**
 * Names and shapes of everything durable. They live in histories of running jobs: a name is never reused with another
 * meaning, and a changed sequence of steps gets a new orchestration name. No bytes, links, keys or prompts in here.
 */
export const orchestrations = {
  imageJob: "image-job",
  editJob: "edit-job",
  runBatch: "run-batch",
  webhookDelivery: "webhook-delivery",
} as const;

/** Ids of instances. A job's own is the job's id: a second start of the same job meets the first. */
export const instanceIds = {
  batch: (jobId: string, batch: number) => `${jobId}-${batch}`,
  delivery: ({ jobId, round, target }: Pick<DeliveryInput, "jobId" | "round" | "target">) =>
    `${deliveryIdOf(jobId, target)}-${round}`,
} as const;

export interface PlannedJob {
  jobId: string;
  n: number;
  protocol: Protocol;
  imagesPerCall: number;
  maxParallel?: number;
  /** Epoch milliseconds after which nothing new is tried. */
  deadline: number;
  /** Whether the end is to be told to the one who wants to know. Absent on jobs of old, without a webhook. */
  notifies?: boolean;
}

/**
 * Every wait of a job begins a new generation of its orchestration (`continueAsNew`), so that no history grows with the time
 * that is waited: `resume` is where that one goes on. Absent at first.
 */
export interface JobInput extends PlannedJob {
  resume?: ResumeCalls;
}

/** The job has begun, and the one batch that it has waits. */
export interface ResumeCalls {
  kind: "calls";
  batch: BatchInput;
}

/** A job whose inputs have yet to arrive. */
export interface EditJobInput extends PlannedJob {
  /** Epoch milliseconds after which inputs are no longer waited for. */
  arriveBy: number;
  /** Whether the result goes to `edit-results`. */
  publishes: boolean;
  resume?: LookForInputs | ResumeCalls;
}

/** One look whether the inputs have arrived. */
export interface LookForInputs {
  kind: "look";
  /** In epoch milliseconds; absent: at once. */
  wakeAt?: number;
  /** How long to wait after it. */
  pauseMs: number;
}

/** `waiting`: not all inputs are there. `refused`: they never will be, or can't be used. */
export type GatherOutcome = { kind: "ready" } | { kind: "waiting" } | { kind: "refused"; failure: ErrorInfo };

/** Calls that run one after another. */
export interface BatchInput {
  jobId: string;
  protocol: Protocol;
  calls: PlannedCall[];
  deadline: number;
  /** The first of the calls has begun, and waits. */
  pause?: CallPause;
}

export interface CallStep extends PlannedCall {
  jobId: string;
  deadline: number;
}

/** Notifies of an ended job's end to the one who wants to know. */
export interface NotifyCompletionStep {
  jobId: string;
  /** One that came after the end, and is told alone. */
  late?: DeliveryTarget;
}

/** One round of telling a job's end to one target. */
export interface DeliveryInput {
  jobId: string;
  round: number;
  /** Absent: the job's webhook. */
  target?: DeliveryTarget;
  /** The try that is next, and when, in epoch milliseconds; and how often storage was away. Absent at first. */
  resume?: { attempt: number; wakeAt?: number; outages: number };
  /** W3C traceparent of what asked for this round, where anybody listens. */
  trace?: string;
}

export interface DeliverStep extends Omit<DeliveryInput, "resume"> {
  /** Counted from 1. */
  attempt: number;
}

/** `again`: at that time, in epoch milliseconds. `over`: delivered, given up, or not this round's business any more. */
export type DeliverOutcome = { kind: "again"; attempt: number; at: number } | { kind: "over" };

/** A durable step, known by name; `I` and `O` are its input and output. */
export interface Step<I, O> {
  readonly name: string;
  readonly retry: RetryPolicy;
  /** Types only; nothing ever stands here. */
  readonly types?: (input: I) => O;
}

// Our own storage: patient for about a minute, since giving up would leave a paid image unrecorded.
const storage: RetryPolicy = { attempts: 8, firstMs: 500 };
// Three calls at most for one slot: an unknown end may have been billed, so generosity here costs money.
const upstream: RetryPolicy = { attempts: 3, firstMs: 1_000 };
// Asking where an operation stands costs nothing.
const poll: RetryPolicy = { attempts: 6, firstMs: 1_000 };

const step = <I, O>(name: string, retry: RetryPolicy): Step<I, O> => ({ name, retry });

export const steps = {
  beginJob: step<{ jobId: string }, { proceed: boolean }>("begin-job", storage),
  gatherInputs: step<{ jobId: string; isLast: boolean }, GatherOutcome>("gather-inputs", storage),
  renderImages: step<CallStep, CallOutcome>("render-images", upstream),
  submitOperation: step<CallStep, SubmitOutcome>("submit-operation", upstream),
  collectOperation: step<CallStep, OperationOutcome>("collect-operation", poll),
  failSlots: step<{ jobId: string; slots: number[]; failure: ErrorInfo }, { done: true }>(
    "fail-slots",
    storage,
  ),
  finishJob: step<{ jobId: string; failure?: ErrorInfo }, { images: number[] }>("finish-job", storage),
  publishResult: step<{ jobId: string }, { published: boolean }>("publish-result", storage),
  notifyCompletion: step<NotifyCompletionStep, { notified: boolean }>("notify-completion", storage),
  deliverWebhook: step<DeliverStep, DeliverOutcome>("deliver-webhook", storage),
  makeAllThumbnails: step<{ jobId: string; images: readonly number[] }, { made: number }>(
    "make-all-thumbnails",
    storage,
  ),
};

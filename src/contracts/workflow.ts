import type { FaultFacts } from "../domain/fault.ts";
import type { DeliveryTarget } from "../domain/hook.ts";
import type { Protocol } from "../domain/model-catalogue.ts";
import type { PlannedCall } from "../domain/plan-calls.ts";
import type { CallOutcome, OperationOutcome, SubmitOutcome } from "../domain/upstream-outcome.ts";

/**
 * Names and shapes of everything durable. They live in histories of running jobs: a name is never reused with another
 * meaning, and a changed sequence of steps gets a new orchestration name. No bytes, links, keys or prompts in here.
 */
export const orchestrations = {
  imageJob: "image-job",
  editJob: "edit-job",
  imageLane: "image-lane",
  webhookDelivery: "webhook-delivery",
} as const;

export interface JobInput {
  jobId: string;
  n: number;
  protocol: Protocol;
  imagesPerCall: number;
  maxParallel?: number;
  /** Epoch milliseconds after which nothing new is tried. */
  deadline: number;
  /** Whether the end is to be told to whoever wants to know. Absent on jobs of old, without a webhook. */
  notifies?: boolean;
}

/** A job whose inputs have yet to arrive. */
export interface EditJobInput extends JobInput {
  /** Epoch milliseconds after which inputs are no longer waited for. */
  arriveBy: number;
  /** Whether the result goes to `edit-results`. */
  publishes: boolean;
}

/** `waiting`: not all inputs are there. `refused`: they never will be, or can't be used. */
export type GatherOutcome = { kind: "ready" } | { kind: "waiting" } | { kind: "refused"; fault: FaultFacts };

/** Calls that run one after another. */
export interface LaneInput {
  jobId: string;
  protocol: Protocol;
  calls: PlannedCall[];
  deadline: number;
}

export interface CallStep extends PlannedCall {
  jobId: string;
  deadline: number;
}

/** Telling an ended job's end to whoever wants to know. */
export interface NotifyStep {
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
}

export interface DeliverStep extends DeliveryInput {
  /** Counted from 1. */
  attempt: number;
}

/** `again`: at that time, in epoch milliseconds. `over`: delivered, given up, or not this round's business any more. */
export type DeliverOutcome = { kind: "again"; attempt: number; at: number } | { kind: "over" };

/** How often a step that throws is tried; waits double from `firstMs` up to half a minute. */
export interface RetryPolicy {
  attempts: number;
  firstMs: number;
}

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
  failSlots: step<{ jobId: string; slots: number[]; fault: FaultFacts }, { done: true }>(
    "fail-slots",
    storage,
  ),
  finishJob: step<{ jobId: string; fault?: FaultFacts }, { images: number[] }>("finish-job", storage),
  publishResult: step<{ jobId: string }, { published: boolean }>("publish-result", storage),
  notify: step<NotifyStep, { notified: boolean }>("notify", storage),
  deliverWebhook: step<DeliverStep, DeliverOutcome>("deliver-webhook", storage),
  makeThumbnails: step<{ jobId: string; index: number }, { made: boolean }>("make-thumbnails", storage),
};

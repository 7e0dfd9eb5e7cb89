import type { ContentFilters } from "../domain/content-filters.ts";
import type { ErrorInfo } from "../domain/app-error.ts";
import type { DeliveryTarget, HookFilter } from "../domain/hook.ts";
import type { Spend } from "../domain/identity.ts";
import type { JobStatus } from "../domain/image-job.ts";
import type { PartialImageEvent } from "../domain/job-event.ts";
import type { ProvenanceMark } from "../domain/provenance.ts";
import type { ImageRequest, RequestedModel } from "../domain/image-request.ts";
import type { Rate } from "../domain/quota/prices.ts";
import type { Priority } from "../domain/quota/pool-state.ts";
import type { TokenUsage } from "../domain/token-usage.ts";
import type { CallOutcome } from "../domain/upstream-outcome.ts";
import type { WebhookEvent } from "../domain/webhook.ts";

/** What is kept of jobs, their slots and their calls: plain facts, as the stores hand them over. */

/** What is kept of a job. Times are ISO 8601 in UTC. */
export interface JobRecord {
  id: string;
  caller: string;
  kind: "generation" | "edit";
  status: JobStatus;
  /** Both empty on a job that was refused before they were chosen. */
  model: string;
  deployment: string;
  /** No deployment was asked for: a call that has not begun may go to another one of the model. */
  anyDeployment?: true;
  request: ImageRequest;
  /** Present where the model stands in for another one that was asked for. */
  requested?: RequestedModel;
  /** Input images and mask of an edit, once they are there and fit for use. */
  inputs?: EditInputs;
  /** Where the inputs will be found that have yet to arrive. */
  awaits?: AwaitedInputs;
  /** The blob of the inbox that started the job, and where its result goes. */
  inbox?: { blob: string; modifiedAt: string };
  tags?: string[];
  metadata?: Record<string, string>;
  priority?: Priority;
  /** What it costs, as that was when it was accepted. Absent where nobody said. */
  price?: Rate;
  /** What the token that it was asked for with may spend, over all its jobs. */
  spendCap?: SpendCap;
  createdAt: string;
  /** Of its running, as if it had begun at once: what it waits for permits is added. */
  deadline: string;
  /** When its first call must have begun, and when all of it is over whatever it waited for. Absent on jobs of old. */
  queueDeadline?: string;
  latestEnd?: string;
  startedAt?: string;
  finishedAt?: string;
  failure?: ErrorInfo;
  usage?: TokenUsage;
  repeatedCalls?: number;
  unansweredCalls?: number;
  webhook?: WebhookRequest;
  /** The request that was accepted: its id, as it stands in answers and the log, and its place in its trace, a W3C traceparent. */
  origin?: { requestId: string; trace?: string };
  /** Workflow runs that wait for the job; empty once none of those that asked for it waits any more. */
  callbacks?: Callback[];
  /**
   * Whether its end is still to be told to the one who wants to know: `due` until the deliveries are under way, or turn out
   * not to be wanted. Absent on a job of old without a webhook, of which nobody is told.
   */
  notification?: "pending" | "sent";
}

export interface SpendCap extends Spend {
  tokenId: string;
  /** Of the token, ISO 8601. */
  expiresAt: string;
}

/** Who is told of the job's end. */
export interface WebhookRequest {
  /** May hold a secret in its path or query: never logged, never shown whole. */
  url: string;
  events: readonly WebhookEvent[];
}

/** A run of a workflow that waits for one job. */
export interface Callback {
  name: string;
  /** A secret as a whole: anyone who has it can end the run's waiting. Never logged, never shown. */
  url: string;
  includeContent?: boolean;
}

/** A workflow that is told of each end of its caller's jobs that it wants to know. */
export interface HookRecord extends HookFilter {
  callerTag: string;
  /** By which its own id is found; one for each address of the caller. */
  name: string;
  /** As secret as a callback's. */
  url: string;
  /** When it was last asked for; `createdAt` is when it was first. */
  renewedAt: string;
}

/** The telling of one job's end to one target. `round` counts from 1 and grows when the caller asks for it anew. */
export interface DeliveryRecord {
  jobId: string;
  /** Absent: the job's webhook. */
  target?: DeliveryTarget;
  event: WebhookEvent;
  status: "pending" | "delivered" | "disabled" | "failed";
  round: number;
  createdAt: string;
  /** Of the round; only while it is pending. */
  next?: { attempt: number; at: string };
}

/** One POST, or why none was made. It holds nothing that the receiver said but its status. */
export interface DeliveryAttempt {
  round: number;
  attempt: number;
  at: string;
  durationMs: number;
  status?: number;
  failure?: string;
}

/** How a job ended. It is decided once, beside the job's slots, and then written to the job's own record. */
export interface JobEnd {
  status: Extract<JobStatus, "succeeded" | "failed" | "canceled">;
  finishedAt: string;
  failure?: ErrorInfo;
  usage?: TokenUsage;
  repeatedCalls?: number;
  /** Sends whose end nobody saw, of calls that brought nothing: each may have been billed. */
  unansweredCalls?: number;
}

/** A blob beside a job's images. */
export interface StoredFile {
  blob: string;
  contentType: string;
  bytes: number;
}

/** An image in Blob Storage, and what it is. */
interface ImageBlob extends StoredFile {
  width: number;
  height: number;
  sha256: string;
}

/** An input image or mask in the container `uploads`: inspected, upright, and as it will be sent. */
export type StoredInput = ImageBlob;

export interface EditInputs {
  images: StoredInput[];
  mask?: StoredInput;
}

/** An input that is yet to arrive; `param` is what messages call it. */
export interface AwaitedInput {
  param: string;
  container: "uploads" | "edit-inbox";
  blob: string;
  etag?: string;
}

export interface AwaitedInputs {
  images: AwaitedInput[];
  mask?: AwaitedInput;
  /** ISO 8601; what hasn't arrived by then won't be waited for. */
  until: string;
}

/** What the service says of an image beside its bytes. */
export interface ImageFacts {
  revisedPrompt?: string;
  filters?: ContentFilters;
}

export interface StoredImage extends ImageBlob, ImageFacts {
  index: number;
  /** How the file says that a model made it, where it does. */
  provenance?: ProvenanceMark;
  hasThumbnails?: boolean;
}

/** `file`: what came in the image's place; it is paid for, and kept as it came. */
export type SlotRecord =
  | ({ state: "stored" } & StoredImage)
  | { state: "failed"; index: number; failure: ErrorInfo; file?: StoredFile };

/** What is known of one upstream call. `inDoubt` and `duplicates` hold ids of attempts (`domain/call-attempts.ts`). */
export interface CallRecord {
  call: number;
  /** Where its last attempt went, if not to its job's deployment. */
  deployment?: string;
  inDoubt: readonly string[];
  duplicates: readonly string[];
  /** The path of a submitted operation, below its deployment's endpoint, and when it was submitted (ISO 8601). */
  operation?: string;
  submittedAt?: string;
  /** Images of an answered call that are still to be fetched; the answer is paid for, and never asked for again. */
  links?: PendingLink[];
  /** When the answer was recorded that `links` are of (ISO 8601), and how often they were fetched since. */
  answeredAt?: string;
  fetches?: number;
  outcome?: CallOutcome;
  usage?: TokenUsage;
}

/** An image that the service answered with a link to. The link may hold a secret: never logged, never shown. */
export interface PendingLink extends ImageFacts {
  index: number;
  url: string;
}

export interface JobProgress {
  slots: SlotRecord[];
  calls: CallRecord[];
  /** Of an open job, what its images look like so far; absent when there is nothing yet. */
  partials?: PartialImageEvent[];
  /** Once it is there, neither slots nor events are added. The job's own record may learn of it a moment later. */
  end?: JobEnd;
}

import type { ErrorCode } from "./app-error.ts";
import { isTerminal, jobStatuses, type JobStatus } from "./image-job.ts";
import type { Waiting } from "./quota/waiting.ts";

/**
 * What happened to a job, in order. Events are numbered from 1 without gaps. The first, `job.queued`, is the job's own
 * record; every other is kept. One that ends the job is the last: nothing is ever kept after it.
 */
export type JobEvent =
  | { type: `job.${JobStatus}` }
  /** A call of the job was told to wait for its turn; once for each reason. */
  | { type: "job.waiting"; waiting: Waiting }
  | { type: "image.succeeded" | "image.refused" | "image.failed"; index: number }
  /** A coarser picture of image `index`; `step` counts from 0. */
  | { type: "image.partial"; index: number; step: number; blob: string; contentType: string };

export type NumberedEvent = JobEvent & {
  number: number;
  /** ISO 8601, in UTC. */
  at: string;
};

export type PartialImageEvent = Extract<JobEvent, { type: "image.partial" }>;

/** The newest partial image of each image that has no end yet. */
export function newestPartials(
  events: readonly JobEvent[],
  ended: readonly Pick<SlotEnding, "index">[],
): PartialImageEvent[] {
  const newest = new Map<number, PartialImageEvent>();
  for (const event of events) if (event.type === "image.partial") newest.set(event.index, event);
  return [...newest.values()].filter(({ index }) => !ended.some((slot) => slot.index === index));
}

interface SlotEnding {
  index: number;
  state: "stored" | "failed";
  failure?: { code: ErrorCode };
}

/** The event that tells of a slot's end. A refusal is told apart: asking for the same once more is of no use. */
export function eventOfSlot({ index, state, failure }: SlotEnding): JobEvent {
  if (state === "stored") return { type: "image.succeeded", index };
  return { type: failure?.code === "contentFilter" ? "image.refused" : "image.failed", index };
}

export function isEnd({ type }: JobEvent): boolean {
  const [subject, word] = type.split(".");
  const status = jobStatuses.find((candidate) => candidate === word);
  return subject === "job" && status !== undefined && isTerminal(status);
}

/** Which image it tells of; `undefined`: of none. */
export function imageIndexOf(event: JobEvent): number | undefined {
  switch (event.type) {
    case "image.succeeded":
    case "image.refused":
    case "image.failed":
    case "image.partial":
      return event.index;
    default:
      return undefined;
  }
}

/** Whether both tell of the same thing: a step that runs twice must not tell of it twice. */
export function isSameEvent(one: JobEvent, other: JobEvent): boolean {
  return keyOf(one) === keyOf(other);
}

function keyOf(event: JobEvent): string {
  if (event.type === "job.waiting") return `${event.type}/${event.waiting.reason}`;
  if (event.type === "image.partial") return `${event.type}/${event.index}/${event.step}`;
  const index = imageIndexOf(event);
  return index === undefined ? event.type : `${event.type}/${index}`;
}

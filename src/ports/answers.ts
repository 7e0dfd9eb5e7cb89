import type { CallRecord, ImageFacts, PendingLink, SlotRecord } from "./records.ts";
import type { ReceivedPicture } from "./image-model.ts";

/** An image that was received and that storage hasn't taken yet. */
export interface HeldImage extends ImageFacts {
  /** The slot it is for. */
  index: number;
  picture: ReceivedPicture;
}

/** What the service answered a call with, as far as it isn't recorded yet. It is paid for, and never asked for again. */
export interface ReceivedAnswer {
  /** The attempt that it answers; absent for an operation, whose submit was settled before. */
  attempt?: string;
  /** ISO 8601. */
  answeredAt: string;
  /** Ends of slots that are known: stored images, and reasons of those that have none. */
  ends: SlotRecord[];
  held: HeldImage[];
  links: PendingLink[];
  usage?: CallRecord["usage"];
}

export interface CallName {
  jobId: string;
  call: number;
}

/**
 * Answers on this machine's own disk, while storage is away. They outlive this process, and every process of the machine
 * finds them.
 */
export interface AnswerSpool {
  /**
   * Writes an answer. Its pictures are moved one by one: each in `held` is replaced by the one on disk, and released, also
   * when a later one can't be written, which throws.
   */
  save(call: CallName, answer: ReceivedAnswer): Promise<void>;
  find(call: CallName): Promise<ReceivedAnswer | undefined>;
  /** Removes the call's answers; where there are none is no fault. */
  remove(call: CallName): Promise<void>;
}

import type { JobView, LedgerCall } from "../job-view.ts";
import type { Moment, Window } from "../proxy/rule.ts";
import type { UpstreamAnswer } from "../proxy/run-scope.ts";
import type { StoredRow } from "../stack/storage-view.ts";
import type { ReceivedMessage } from "../stack/webhook-receiver.ts";

/** What may become of a run, from its flow and its faults. */
export interface Expectation {
  wanted: number;
  perCall: number;
  /** Every picture must come: no fault of the run may cost one. */
  isComplete: boolean;
  /** Codes that failed slots may carry. */
  mayFail: readonly string[];
  /** Paid work may be lost on its way, so that it is bought again, and flagged. */
  mayRepeat: boolean;
  /** Whole answers may be of no use. */
  isSpoilt: boolean;
  leaves?: "canceled" | "deleted";
  isDelivered: boolean;
  /** After acceptance, within which the job has to end. */
  endsWithinMs: number;
  /** Nothing but these held the job up: it ends soon after the last of them. */
  outages: readonly Window[];
}

/** One event as a watcher saw it. */
export interface SeenEvent {
  id: number;
  type: string;
  /** What every watcher must be told alike: no links, which are made anew for each. */
  facts: string;
}

/** What is in storage under one job's id. */
export interface Stored {
  job: StoredRow | undefined;
  slots: readonly StoredRow[];
  deliveries: readonly StoredRow[];
  images: readonly string[];
  uploads: readonly string[];
}

/** All that is known of a run once it is over. */
export interface Evidence {
  expected: Expectation;
  /** Undefined: never accepted. */
  jobId: string | undefined;
  /** Every status that a reader saw, in order, without repeats in a row. */
  statuses: readonly string[];
  /** As it was read at its end; undefined when it could not be. */
  job: JobView | undefined;
  /** In epoch milliseconds. */
  moments: ReadonlyMap<Moment, number>;
  /** From acceptance to the first reading that said so; undefined when it never did. */
  endedAfterMs: number | undefined;
  stored: Stored;
  /** SHA-256 of blobs of the images, by their index; undefined where there is none. */
  hashes: ReadonlyMap<number, string | undefined>;
  ledger: readonly LedgerCall[];
  answers: readonly UpstreamAnswer[];
  /** Absent when nobody watched. */
  firstWatcher?: readonly SeenEvent[];
  lateWatcher?: readonly SeenEvent[];
  received: readonly ReceivedMessage[];
}

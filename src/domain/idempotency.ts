import { invalidRequest } from "./app-error.ts";

/**
 * The first request under a key records a job; later ones under the same key get that job (idempotency).
 *
 * - `key`: the caller chose a name, `Idempotency-Key`. It holds for a day.
 * - `retry`: a client library says that it sends the request once more. Its name is what it asks for, and it joins what
 *   asked for the same just before.
 * - `firstTry`: the same library's first sending. It joins nothing, since the same picture may be wanted twice, but what
 *   `joins` finds, and leaves its name for a retry to find.
 * - `line`: one line of a batch, by what it asks for, so that the same line of a later version of its file finds it. The body hash
 *   is the batch that made the job. It never gives way.
 * - `file`: one version of a file of the inbox. It never gives way: a file is one job, also after that one was deleted.
 */
export interface IdempotencyKey {
  kind: keyof typeof livesMs;
  /** The tag of the caller, whose own the name is. */
  tag: string;
  name: string;
  /** Of all that was asked for. */
  bodyHash: string;
  /** Finds an earlier request's record that a `firstTry` is answered with all the same. Asked while its own is prepared. */
  joins?: () => Promise<IdempotencyRecord | undefined>;
}

/** What is recorded under a key. It is written together with its job's row, and stays when the job is deleted. */
export interface IdempotencyRecord {
  jobId: string;
  bodyHash: string;
  recordedAt: string;
  /** When a replay last took it upon itself to start the job. */
  resumedAt?: string;
}

const livesMs = { key: 24 * 3_600_000, retry: 10 * 60_000, firstTry: 0, line: Infinity, file: Infinity };

/** Whether an earlier record has expired for this key, and is replaced. */
export function givesWay({ recordedAt }: IdempotencyRecord, { kind }: IdempotencyKey, now: Date): boolean {
  return kind === "firstTry" || now.getTime() - Date.parse(recordedAt) > livesMs[kind];
}

// From record to start a request needs milliseconds; one that has not got there by now was cut off.
const startsWithinMs = 5_000;

/** Whether a replay may start the job, if nothing runs for it: anyone who was to do it has had the time. */
export function mayResume({ recordedAt, resumedAt }: IdempotencyRecord, now: Date): boolean {
  return now.getTime() - Date.parse(resumedAt ?? recordedAt) >= startsWithinMs;
}

const maxKeyLength = 255;

/** The key as it was sent, or undefined without one. Two headers arrive as one with a comma and a space: refused as well. */
export function parseIdempotencyKey(header: string | null): string | undefined {
  if (header === null) return undefined;
  if (header.length <= maxKeyLength && /^[\x21-\x7e]+$/.test(header)) return header;
  const message = `Idempotency-Key must have 1 to ${maxKeyLength} visible ASCII characters, without spaces.`;
  throw invalidRequest([{ param: "Idempotency-Key", message }]);
}

/** What the header `x-stainless-retry-count` of OpenAI's clients tells: 0 at first, then 1, 2 … */
export function kindOfTry(header: string | null): "firstTry" | "retry" | undefined {
  if (header === null || !/^\d{1,9}$/.test(header)) return undefined;
  return Number(header) === 0 ? "firstTry" : "retry";
}

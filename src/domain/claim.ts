import { invalidRequest } from "./fault.ts";

/**
 * A claim says: whoever comes under this name gets that job. It is how a request that was sent twice is known again.
 *
 * - `key`: the caller chose a name, `Idempotency-Key`. It holds for a day.
 * - `retry`: a client library says that it sends the request once more. Its name is what it asks for, and it joins what
 *   asked for the same just before.
 * - `firstTry`: the same library's first sending. It joins nothing, since the same picture may be wanted twice, and
 *   leaves its name for a retry to find.
 * - `file`: one version of a file of the inbox. It never gives way: a file is one job, also after that one was deleted.
 */
export interface Claim {
  kind: keyof typeof livesMs;
  /** The tag of the caller, whose own the name is. */
  tag: string;
  name: string;
  /** Of all that was asked for. */
  bodyHash: string;
}

/** A claim that stands. It is written together with its job's row, and stays when the job is deleted. */
export interface StandingClaim {
  jobId: string;
  bodyHash: string;
  claimedAt: string;
  /** When a repetition last took it upon itself to start the job. */
  resumedAt?: string;
}

const livesMs = { key: 24 * 3_600_000, retry: 10 * 60_000, firstTry: 0, file: Infinity };

/** Whether a standing claim no longer counts for the one that meets it, and is replaced. */
export function givesWay({ claimedAt }: StandingClaim, { kind }: Claim, now: Date): boolean {
  return kind === "firstTry" || now.getTime() - Date.parse(claimedAt) > livesMs[kind];
}

// From record to start a request needs milliseconds; one that has not got there by now was cut off.
const startsWithinMs = 5_000;

/** Whether a repetition may start the job, if nothing runs for it: whoever was to do it has had the time. */
export function mayResume({ claimedAt, resumedAt }: StandingClaim, now: Date): boolean {
  return now.getTime() - Date.parse(resumedAt ?? claimedAt) >= startsWithinMs;
}

const maxKeyLength = 255;

/** The key as it was sent, or undefined without one. Two headers arrive as one with a comma and a space: refused as well. */
export function idempotencyKey(header: string | null): string | undefined {
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

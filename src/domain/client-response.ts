/**
 * Whether a client was sent the response to its request. Kept for requests that carry no id of their own: when an equal one
 * comes later, this tells a client that asks again, because it never got its picture, from one that wants another picture.
 *
 * A response has one holder at a time, the request that is to be answered with the job. While it waits it renews a lease, so
 * that a response whose holder died shows by its lease alone.
 */
export interface ClientResponse {
  jobId: string;
  bodyHash: string;
  recordedAt: string;
  /** The request that joined the job last; absent while it is the one that made it. */
  holder?: string;
  heldUntil?: string;
  /** `delivered` when its last byte was written; `lost` when the client was gone before, or was told to ask again. */
  outcome?: "delivered" | "lost";
  settledAt?: string;
}

const leaseMs = 6_000;
export const renewAfterMs = 2_000;
const joinableMs = 10 * 60_000;
// A client that counts its retries waits a minute at most before the next one (openai-node: retry-after up to 60 s).
const retryAfterDeliveryMs = 90_000;

/** One row for each request: equal requests side by side are told apart by their jobs. */
export function responseName({ bodyHash, jobId }: Pick<ClientResponse, "bodyHash" | "jobId">): string {
  return `response-${bodyHash}-${jobId}`;
}

export function leaseFrom(now: Date): string {
  return new Date(now.getTime() + leaseMs).toISOString();
}

/** Before this, nothing is joined any more. */
export function joinableSince(now: Date): Date {
  return new Date(now.getTime() - joinableMs);
}

/**
 * The job that an equal request joins, if any. One whose response was lost comes first, then one whose holder died. A
 * request that says of itself that it is a retry may also join what was just written whole, as its answer may have been
 * lost behind us; and at last what is still waited for, as a proxy may hold the connection of a client that left.
 */
export function responseToJoin(
  responses: readonly ClientResponse[],
  { isRetry, now }: { isRetry: boolean; now: Date },
): ClientResponse | undefined {
  const since = joinableSince(now).toISOString();
  const oldestFirst = responses
    .filter(({ recordedAt }) => recordedAt >= since)
    .sort((one, other) => (one.recordedAt < other.recordedAt ? -1 : 1));
  const first = (test: (response: ClientResponse) => boolean) => oldestFirst.find(test);
  const open = ({ outcome }: ClientResponse) => outcome === undefined;
  const sure = first(({ outcome }) => outcome === "lost") ?? first((each) => open(each) && isOver(each, now));
  if (sure || !isRetry) return sure;
  const delivered = oldestFirst
    .filter(
      ({ outcome, settledAt = "" }) =>
        outcome === "delivered" && ageMs(settledAt, now) <= retryAfterDeliveryMs,
    )
    .sort((one, other) => ((one.settledAt ?? "") < (other.settledAt ?? "") ? 1 : -1));
  return delivered[0] ?? first(open);
}

/** The lease of a request that has yet to renew it runs from its job's record. */
function isOver({ recordedAt, heldUntil }: ClientResponse, now: Date): boolean {
  return (heldUntil ?? leaseFrom(new Date(recordedAt))) < now.toISOString();
}

function ageMs(time: string, now: Date): number {
  return now.getTime() - Date.parse(time);
}

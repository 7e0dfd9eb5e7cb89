import type { CallResult, RunResult } from "./result.ts";

export function throttlesPerImage({ throttledAt, calls }: RunResult, from = 0): number {
  const images = calls.filter(({ sentAt }) => sentAt >= from).reduce((sum, { job }) => sum + job.images, 0);
  return throttledAt.filter((at) => at >= from).length / Math.max(1, images);
}

/** Jain's index over what callers got for their weight while all of them had work: 1 is equal shares. */
export function jain({ calls, workload }: RunResult): number {
  const callers = [...new Set(workload.jobs.map(({ caller }) => caller))];
  const span = (caller: string) => {
    const own = calls.filter(({ job }) => job.caller === caller);
    return {
      from: Math.min(...own.map(({ askedAt }) => askedAt)),
      to: Math.max(...own.map(({ sentAt }) => sentAt)),
    };
  };
  const spans = callers.map(span);
  const from = Math.max(...spans.map((one) => one.from));
  const to = Math.min(...spans.map((one) => one.to));
  const shares = callers.map((caller) => {
    const isCounted = ({ job, sentAt }: CallResult) => job.caller === caller && sentAt > from && sentAt <= to;
    return calls.filter(isCounted).length / (workload.weights[caller] ?? 1);
  });
  const sum = shares.reduce((a, b) => a + b, 0);
  const squares = shares.reduce((a, b) => a + b * b, 0);
  return squares === 0 ? 1 : (sum * sum) / (shares.length * squares);
}

/** Of every call that waited: storage requests for each minute that it did. */
export function requestsPerWaitingMinute({ requestsToWait, calls }: RunResult): number {
  const minutes = calls.reduce((sum, { askedAt, sentAt }) => sum + (sentAt - askedAt) / 60_000, 0);
  return requestsToWait / Math.max(1, minutes);
}

/** When a caller's first image was begun, after its first job came. */
export function firstWaitMs({ jobs }: RunResult, caller: string): number {
  const own = jobs.filter(({ job }) => job.caller === caller);
  const arrivedAt = Math.min(...own.map(({ job }) => job.arrivesAt));
  return Math.min(...own.map(({ startedAt = Infinity }) => startedAt)) - arrivedAt;
}

/** The share of estimates that were right within a fifth of what they foretold. */
export function estimatesWithin(
  pairs: readonly { estimatedMs: number; actualMs: number }[],
  tolerance = 0.2,
): number {
  const right = pairs.filter(
    ({ estimatedMs, actualMs }) => Math.abs(estimatedMs - actualMs) <= Math.max(1_000, tolerance * actualMs),
  );
  return right.length / Math.max(1, pairs.length);
}

import { type ErrorCode, type ErrorInfo, errorInfo } from "./app-error.ts";

export const jobStatuses = ["queued", "running", "succeeded", "failed", "canceled"] as const;
export type JobStatus = (typeof jobStatuses)[number];

const next: Record<JobStatus, readonly JobStatus[]> = {
  queued: ["running", "failed", "canceled"],
  running: ["succeeded", "failed", "canceled"],
  succeeded: [],
  failed: [],
  canceled: [],
};

export function isTerminal(status: JobStatus): boolean {
  return next[status].length === 0;
}

/** Status only moves forward. Staying where one is counts as allowed, so that a step may run twice. */
export function mayBecome(from: JobStatus, to: JobStatus): boolean {
  return from === to || next[from].includes(to);
}

/** What became of a slot. */
export type SlotState = "stored" | "failed";

export interface SlotEnd {
  index: number;
  state: SlotState;
  failure?: ErrorInfo;
}

interface ConcludedJob {
  status: "succeeded" | "failed";
  /** Why nothing came of the job; absent when at least one image was stored. */
  failure?: ErrorInfo;
  /** Every slot that has no image, with its reason. */
  failures: { index: number; failure: ErrorInfo }[];
}

/** One image is enough to succeed; without any, the commonest reason is the job's. A slot nobody settled counts as lost. */
export function concludeJob(
  n: number,
  ends: readonly SlotEnd[],
  unsettled = errorInfo("internal", "This image was not made."),
): ConcludedJob {
  const byIndex = new Map(ends.map((end) => [end.index, end]));
  const failures = Array.from({ length: n }, (_, index) => index).flatMap((index) => {
    const end = byIndex.get(index);
    if (end?.state === "stored") return [];
    return [{ index, failure: end?.failure ?? unsettled }];
  });
  const failure = failures.length === n ? commonest(failures.map((each) => each.failure)) : undefined;
  return { status: failure ? "failed" : "succeeded", failures, ...(failure && { failure }) };
}

/** 0 to 1, by settled slots. */
export function progressOf(n: number, settled: number): number {
  return Math.round((settled / n) * 100) / 100;
}

function commonest(errors: readonly ErrorInfo[]): ErrorInfo | undefined {
  const counts = new Map<ErrorCode, number>();
  for (const { code } of errors) counts.set(code, (counts.get(code) ?? 0) + 1);
  const [winner] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? [];
  return errors.find(({ code }) => code === winner);
}

import type { PlannedFault } from "./fault.ts";

/** One run: who asks how, and what goes wrong meanwhile. Everything else follows from the seed. */
export interface PlannedRun {
  /** What `--seed` replays. */
  seed: string;
  kind: "single" | "pair" | "kill" | "two" | "outage";
  flow: string;
  faults: readonly PlannedFault[];
}

/** What is done to a process of the app, to all runs of a batch at once. */
export type Blow = { kind: "kill" } | { kind: "terminate" } | { kind: "pause"; forMs: number };

/** Runs that share a stack of their own, and its blow. */
export interface PlannedBatch {
  seed: string;
  blow: Blow;
  /** After the batch's first request. */
  afterMs: number;
  runs: readonly PlannedRun[];
}

export function inWords({ flow, faults }: PlannedRun): string {
  return `${flow}: ${faults.map(({ name }) => name).join(" + ") || "nothing goes wrong"}`;
}

export function blowInWords({ blow, afterMs }: Pick<PlannedBatch, "blow" | "afterMs">): string {
  const what =
    blow.kind === "pause"
      ? `paused for ${blow.forMs} ms`
      : { kill: "killed", terminate: "told to end" }[blow.kind];
  return `the app is ${what} after ${afterMs} ms`;
}

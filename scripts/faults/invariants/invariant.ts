import type { Evidence } from "../run/evidence.ts";

/** A promise about every run. `breaches` says in words how it is broken, and nothing when it holds. */
export interface Invariant {
  name: string;
  breaches(evidence: Evidence): string[];
}

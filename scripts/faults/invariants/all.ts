import type { Evidence } from "../run/evidence.ts";
import * as bills from "./bills.ts";
import * as ends from "./ends.ts";
import * as images from "./images.ts";
import type { Invariant } from "./invariant.ts";
import * as leftovers from "./leftovers.ts";
import * as webhooks from "./webhooks.ts";

export const invariants: readonly Invariant[] = [bills, ends, images, leftovers, webhooks].flatMap((topic) =>
  Object.values(topic).filter((exported): exported is Invariant => typeof exported === "object"),
);

/** A promise that was broken, and how. */
export interface Breach {
  invariant: string;
  how: string;
}

export function breachesOf(evidence: Evidence): Breach[] {
  return invariants.flatMap((invariant) =>
    invariant.breaches(evidence).map((how) => ({ invariant: invariant.name, how })),
  );
}

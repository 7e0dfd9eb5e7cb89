import { flows } from "../flows/all.ts";
import type { Flow } from "../flows/flow.ts";
import { Random, seedOf } from "../random.ts";
import type { PlannedFault } from "./fault.ts";
import { outages } from "./outages.ts";
import type { Blow, PlannedBatch, PlannedRun } from "./planned-run.ts";
import { storageFaults } from "./storage-faults.ts";
import { upstreamFaults } from "./upstream-faults.ts";

/** Every plan is a function of its seed: `single-17`, `pair-3-17`, `kill-3-17`, `two-3-17`, the middle number being the campaign's. */

export const faults: readonly PlannedFault[] = [...storageFaults, ...upstreamFaults];

/** Every fault in every flow that it can strike, and every flow without any. */
export const singles: readonly PlannedRun[] = [
  ...flows.map((flow): [Flow, PlannedFault[]] => [flow, []]),
  ...flows.flatMap((flow) =>
    faults.filter((fault) => fault.strikes(flow)).map((fault): [Flow, PlannedFault[]] => [flow, [fault]]),
  ),
].map(([flow, struck], at) => ({ seed: `single-${at}`, kind: "single", flow: flow.name, faults: struck }));

/** A sample of them that meets every flow and, in turn, every fault. */
export function someSingles(count: number, campaign: number): PlannedRun[] {
  return new Random(campaign).pickSome(singles, count);
}

export function pair(campaign: number, at: number): PlannedRun {
  return { ...chance(`pair-${campaign}-${at}`, 2, 3), kind: "pair" };
}

/** Two processes of the app, and at most one fault: the two must not disturb each other without any. */
export function two(campaign: number, at: number): PlannedRun {
  return { ...chance(`two-${campaign}-${at}`, 0, 1), kind: "two" };
}

const batchSize = 6;
// The longest that a run of the simulated service takes without faults; a blow after that would strike nobody.
const liveliestMs = 2_500;

export function kill(campaign: number, at: number): PlannedBatch {
  const seed = `kill-${campaign}-${at}`;
  const random = new Random(seedOf(seed));
  const blow = random.pick<Blow>([
    { kind: "kill" },
    { kind: "kill" },
    { kind: "terminate" },
    { kind: "pause", forMs: random.between(500, 6_000) },
  ]);
  const afterMs = random.between(20, liveliestMs);
  const runs = Array.from({ length: batchSize }, (_, index): PlannedRun => {
    const flow = random.pick(flows);
    return { seed: `${seed}.${index}`, kind: "kill", flow: flow.name, faults: [] };
  });
  return { seed, blow, afterMs, runs };
}

function chance(seed: string, least: number, most: number): Omit<PlannedRun, "kind"> {
  const random = new Random(seedOf(seed));
  const flow = random.pick(flows);
  const possible = faults.filter((fault) => fault.strikes(flow));
  const struck: PlannedFault[] = [];
  for (const fault of random.pickSome(possible, random.between(least, most))) {
    // Two sets of words would both speak of the same call, and the later would win.
    if (fault.words !== undefined && struck.some(({ words }) => words !== undefined)) continue;
    struck.push(later(fault, random));
  }
  return { seed, flow: flow.name, faults: struck };
}

/** The same fault, met by a request further on. */
function later(fault: PlannedFault, random: Random): PlannedFault {
  const nth = random.between(1, 4);
  if (!fault.rules || nth === 1 || fault.rules.some(({ match }) => match.window)) return fault;
  const rules = fault.rules.map((rule) => ({ ...rule, match: { ...rule.match, nth } }));
  return { ...fault, name: `${fault.name}, from the ${nth}th`, rules };
}

/** The plan of one seed; undefined for a text that is none. */
export function planOf(seed: string): PlannedRun | PlannedBatch | undefined {
  const single = singles.find((run) => run.seed === seed);
  if (single) return single;
  const seconds = /^outage-(\d+)-\d+$/.exec(seed)?.[1];
  if (seconds !== undefined) return outages(Number(seconds)).find(({ plan }) => plan.seed === seed)?.plan;
  const [, kind, campaign, at] = /^(pair|two|kill)-(\d+)-(\d+)$/.exec(seed) ?? [];
  if (kind === "pair") return pair(Number(campaign), Number(at));
  if (kind === "two") return two(Number(campaign), Number(at));
  return kind === "kill" ? kill(Number(campaign), Number(at)) : undefined;
}

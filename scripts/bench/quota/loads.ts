import { percentile } from "../numbers.ts";
import { jobs, pool, workload } from "./scenarios.ts";
import { throttlesPerImage } from "./sim/figures.ts";
import { lowerBound } from "./sim/lower-bound.ts";
import type { RunResult } from "./sim/result.ts";
import { simulate } from "./sim/run.ts";
import type { ServiceSpec } from "./sim/service.ts";
import type { SimJob, Workload } from "./sim/workload.ts";

interface Load {
  what: string;
  work: SimJob[];
  spec?: Partial<ServiceSpec>;
}

const ten = { lines: 10, images: 1 };
const small = jobs(6, { caller: "small", arrivesAt: 13_000 });

/** The loads that were measured in November 2026, before there were permits. Each image is a call of its own, as there. */
const all: Load[] = [
  { what: "40 jobs of one image, one after another", work: jobs(40, { everyMs: 1_700 }) },
  { what: "40 at once", work: jobs(40, {}) },
  { what: "60, and 4 of another caller", work: [...jobs(60, {}), ...small.slice(0, 4)] },
  { what: "8 jobs of ten images", work: jobs(8, ten) },
  { what: "12 jobs of ten, then 6 small ones of another caller", work: [...jobs(12, ten), ...small] },
  { what: "16 jobs of ten", work: jobs(16, ten) },
  { what: "40 at once, 429 without Retry-After", work: jobs(40, {}), spec: { saysRetryAfter: false } },
];

/**
 * Each load four times on the same service: `Promise.all` over the official client, jobs as they were, with permits, and with limits that
 * must be learnt. The service doesn't count what it turned away: where it does, hammering never ends.
 */
export function loads(): string[] {
  const head =
    "| load | 429s per image: client, before, permits, learnt | client's images lost | makespan / bound: before, … | the other caller's wait, p50 |";
  return [head, "| --- | --- | --- | --- | --- |", ...all.map(row)];
}

function row({ what, work, spec }: Load): string {
  const service = { requests: 6, windowMs: 10_000, durationMs: 3_000, countsRefused: false, ...spec };
  const play = (isKnown: boolean, naive?: Workload["naive"]) =>
    simulate(workload(1, [pool("one", service, isKnown)], work, { naive }));
  const client = play(true, "client");
  const runs = [play(true, "jobs"), play(true), play(false)];
  const each = (measure: (run: RunResult) => string) => runs.map(measure).join(", ");
  const wanted = work.reduce((sum, { lines, callsPerLine }) => sum + lines * callsPerLine, 0);
  const lost = 1 - client.calls.length / wanted;
  const cells = [
    [client, ...runs].map((run) => throttlesPerImage(run).toFixed(2)).join(", "),
    `${Math.round(100 * lost)} %`,
    each((run) => (run.endedAt / lowerBound(run.workload)).toFixed(2)),
    work.some(({ caller }) => caller === "small") ? each(waitOfSmall) : "",
  ];
  return `| ${what} | ${cells.join(" | ")} |`;
}

function waitOfSmall({ jobs: all }: RunResult): string {
  const waits = all
    .filter(({ job }) => job.caller === "small")
    .map(({ job, startedAt = Infinity }) => startedAt - job.arrivesAt);
  return `${Math.round(percentile(waits, 50) / 1_000)} s`;
}

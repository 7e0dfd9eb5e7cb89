import type { Action, Moment } from "../proxy/rule.ts";
import type { PlannedRun } from "./planned-run.ts";
import { outage } from "./storage-faults.ts";

/** One place of the outage matrix: what is away, how it says so, and when in a job's life it begins. */
export interface Cell {
  what: string;
  how: string;
  when: string;
}

const services = { tables: "table", blobs: "blob", both: undefined } as const;
const actions: Record<string, Action> = {
  "503": { kind: "status", status: 503 },
  reset: { kind: "reset" },
  "403": { kind: "status", status: 403 },
};
const moments: Record<string, Moment> = {
  "before the call": "recorded",
  "during it": "called",
  "at the answer": "answered",
  "at the end": "ending",
};
/** One job on each protocol. */
const protocols = ["dalle2x2", "dalle3x4", "gptx4", "streamed"];

// Calls that take a moment, so that an outage that begins with one is there before its answer.
const words = "[[latency=1500]]";
// Well above any outage: what ends by its deadline would hide what was lost.
export const outageDeadlineSeconds = 400;

/** The matrix, cell by cell, each with a job on every protocol. Seeds are `outage-SECONDS-NUMBER`. */
export function outages(seconds: number): { cell: Cell; plan: PlannedRun }[] {
  const cells = Object.entries(services).flatMap(([what, service]) =>
    Object.entries(actions).flatMap(([how, action]) =>
      Object.entries(moments).map(([when, from]) => ({
        cell: { what, how, when },
        rules: outage(service, action, from, seconds * 1000),
      })),
    ),
  );
  const jobs = cells.flatMap(({ cell, rules }) => protocols.map((flow) => ({ cell, rules, flow })));
  return jobs.map(({ cell, rules, flow }, at) => {
    const name = `${cell.what} away (${cell.how}) for ${seconds} s, ${cell.when}`;
    const fault = { name, side: "storage", rules, words, strikes: () => true } as const;
    return { cell, plan: { seed: `outage-${seconds}-${at}`, kind: "outage", flow, faults: [fault] } };
  });
}

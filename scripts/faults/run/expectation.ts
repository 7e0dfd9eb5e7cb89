import type { Flow } from "../flows/flow.ts";
import type { Fault } from "../plan/fault.ts";
import type { PlannedRun } from "../plan/planned-run.ts";
import type { Expectation } from "./evidence.ts";

// Over and above the deadline: a job that times out still writes its end.
const marginMs = 15_000;
/** Within which a job ends once storage is back. */
export const afterOutageMs = 30_000;

/** What may become of a run: the sum of what its faults may cost. */
export function expectationOf(
  { kind, faults }: PlannedRun,
  flow: Flow,
  deadlineSeconds: number,
): Expectation {
  const mayFail = faults.flatMap((fault) => fault.mayFail ?? []);
  return {
    wanted: flow.wanted,
    perCall: flow.perCall,
    isComplete: mayFail.length === 0,
    mayFail,
    mayRepeat: kind === "kill" || faults.some((fault) => fault.mayRepeat === true),
    isSpoilt: faults.some((fault) => fault.spoils === true),
    isTold: flow.isTold === true,
    endsWithinMs: endsWithinMs(faults, deadlineSeconds),
    ...(flow.leaves && { leaves: flow.leaves }),
  };
}

/** A job that nothing but an outage of storage holds up ends soon after it; any other has until its deadline. */
function endsWithinMs(faults: readonly Fault[], deadlineSeconds: number): number {
  const outages = faults.flatMap(({ rules = [] }) => rules.flatMap(({ match }) => match.window?.forMs ?? []));
  const isOutageAlone = outages.length > 0 && faults.every(({ side }) => side === "storage");
  return isOutageAlone ? Math.max(...outages) + afterOutageMs : deadlineSeconds * 1000 + marginMs;
}

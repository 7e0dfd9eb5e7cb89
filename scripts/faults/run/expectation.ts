import type { Flow } from "../flows/flow.ts";
import type { PlannedFault } from "../plan/fault.ts";
import type { PlannedRun } from "../plan/planned-run.ts";
import type { Window } from "../proxy/rule.ts";
import type { Expectation } from "./evidence.ts";

// A call whose end is unclear is tried so often: more faults than that may use them up (ARCHITECTURE.md, Guarantees).
const callAttempts = 3;
// Over and above the deadline: a job that times out still writes its end.
const marginMs = 15_000;

/** What may become of a run: the sum of what its faults may cost. */
export function expectationOf(
  { kind, faults }: PlannedRun,
  flow: Flow,
  deadlineSeconds: number,
): Expectation {
  const retried = faults.filter(({ mayRepeat }) => mayRepeat === true).length;
  const mayFail = [
    ...faults.flatMap((fault) => fault.mayFail ?? []),
    ...(retried >= callAttempts ? ["upstreamUnavailable"] : []),
    // Another body in place of an error's leaves its status alone to say what it was.
    ...(faults.some(isMasking) && faults.some(isRefusing) ? ["upstreamRejected"] : []),
  ];
  return {
    wanted: flow.wanted,
    perCall: flow.perCall,
    isComplete: mayFail.length === 0,
    mayFail,
    mayRepeat: kind === "kill" || faults.some((fault) => fault.mayRepeat === true),
    isSpoilt: faults.some((fault) => fault.spoils === true),
    isDelivered: flow.isDelivered === true,
    endsWithinMs: deadlineSeconds * 1000 + marginMs,
    outages: outagesOf(faults),
    ...(flow.leaves && { leaves: flow.leaves }),
  };
}

function isMasking({ side, rules = [] }: PlannedFault): boolean {
  return side === "upstream" && rules.some(({ action }) => action.kind === "body" || action.kind === "cut");
}

function isRefusing({ mayFail = [] }: PlannedFault): boolean {
  return mayFail.includes("contentFilter");
}

/** Outages of storage, where nothing else holds the job up. */
function outagesOf(faults: readonly PlannedFault[]): Window[] {
  if (faults.some(({ side }) => side === "upstream")) return [];
  return faults.flatMap(({ rules = [] }) => rules.flatMap(({ match }) => match.window ?? []));
}

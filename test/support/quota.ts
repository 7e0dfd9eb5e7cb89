import { ask, type Ask, type AskDecision } from "../../src/domain/quota/ask.ts";
import type { CallLine, PoolLimits, PoolState } from "../../src/domain/quota/pool-state.ts";

export const start = 1_800_000_000_000;
export const sixAMinute: PoolLimits = { requests: { count: 6, windowMs: 60_000 } };

export function line(id: string, others: Partial<CallLine> = {}): CallLine {
  return {
    id,
    caller: "anna",
    priority: "normal",
    since: start,
    images: 1,
    following: 0,
    work: "gpt-image-1|1024x1024|high",
    ...others,
  };
}

export function asking(one: CallLine, others: Partial<Ask> = {}): Ask {
  return { line: one, weight: 1, deployment: "sweden", attempt: `${one.id}#1`, permitMs: 600_000, ...others };
}

/** Asks one after another, at the same time. */
export function askAll(
  before: PoolState,
  requests: readonly Ask[],
  now = start,
  limits = sixAMinute,
): { state: PoolState; decisions: AskDecision[] } {
  let state = before;
  const decisions = requests.map((request) => {
    const result = ask(state, limits, request, now);
    ({ state } = result);
    return result.decision;
  });
  return { state, decisions };
}

export function lines(count: number, others: Partial<CallLine> = {}): CallLine[] {
  return Array.from({ length: count }, (_, index) => line(`${others.caller ?? "anna"}-${index}`, others));
}

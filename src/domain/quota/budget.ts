import type { Micros } from "./prices.ts";

/** One caller's (or tag's) money of one period. Plain JSON, written by compare-and-set. */
export interface BudgetState {
  /** Names the period: a day `2026-11-30` or a month `2026-11`. */
  period: string;
  spent: Micros;
  /** What calls that aren't settled may cost, by attempt. */
  reserved: Readonly<Record<string, Reservation>>;
}

interface Reservation {
  amount: Micros;
  /** When its call can't be under way any more: it counts as spent then. */
  expiresAt: number;
}

export type BudgetDecision =
  | { kind: "reserved"; left: Micros }
  /** What is left isn't enough. The budget is whole again with the next period. */
  | { kind: "exceeded"; left: Micros };

export function emptyBudget(period: string): BudgetState {
  return { period, spent: 0, reserved: {} };
}

/**
 * Reserves before a call what it may cost; nothing is sent without. Reserved twice by one attempt (the first answer was lost) it
 * counts once. What expires unsettled was sent by somebody who died: a call in doubt counts as spent.
 */
export function reserve(
  before: BudgetState,
  request: { attempt: string; amount: Micros; limit: Micros; period: string; holdMs: number },
  now: number,
): { state: BudgetState; decision: BudgetDecision } {
  const { attempt, amount, limit, period, holdMs } = request;
  const state = expire(inPeriod(before, period), now);
  const left = limit - state.spent - sum(state.reserved);
  if (Object.hasOwn(state.reserved, attempt)) return { state, decision: { kind: "reserved", left } };
  if (amount > left) return { state, decision: { kind: "exceeded", left } };
  const reserved = { ...state.reserved, [attempt]: { amount, expiresAt: now + holdMs } };
  return { state: { ...state, reserved }, decision: { kind: "reserved", left: left - amount } };
}

/** After its end: `actual` is 0 for a call that was refused or never served. One that isn't known was settled before. */
export function settleBudget(
  before: BudgetState,
  { attempt, actual }: { attempt: string; actual: Micros },
  now: number,
): BudgetState {
  const { [attempt]: reservation, ...reserved } = before.reserved;
  if (!reservation) return expire(before, now);
  return expire({ ...before, spent: before.spent + actual, reserved }, now);
}

/** What was reserved in the old period is paid in the new one: it isn't known yet when it will be billed. */
function inPeriod(state: BudgetState, period: string): BudgetState {
  return state.period === period ? state : { period, spent: 0, reserved: state.reserved };
}

function expire(state: BudgetState, now: number): BudgetState {
  const open = Object.entries(state.reserved).filter(([, { expiresAt }]) => expiresAt > now);
  const reserved = Object.fromEntries(open);
  return { ...state, reserved, spent: state.spent + sum(state.reserved) - sum(reserved) };
}

function sum(reserved: BudgetState["reserved"]): Micros {
  return Object.values(reserved).reduce((total, { amount }) => total + amount, 0);
}

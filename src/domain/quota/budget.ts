import type { PlannedCall } from "../plan-calls.ts";
import { actualCost, type Micros, type Rate } from "./prices.ts";

/** The most that jobs may cost in a day or a month, in UTC, or in a token's life. */
export interface Budget {
  amount: Micros;
  /** ISO 4217. */
  currency: string;
  period: "day" | "month" | "token";
}

/** Names the period: a day `2026-11-30`, a month `2026-11`, or `token`. */
export function periodOf({ period }: Budget, now: number): string {
  return period === "token" ? period : new Date(now).toISOString().slice(0, period === "day" ? 10 : 7);
}

/** When the next period begins, in epoch milliseconds. A token has one. */
export function renewalOf({ period }: Budget, now: number): number | undefined {
  const at = new Date(now);
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  if (period === "token") return undefined;
  return period === "day" ? Date.UTC(year, month, day + 1) : Date.UTC(year, month + 1, 1);
}

interface SpentCall {
  call: number;
  inDoubt: readonly string[];
  duplicates: readonly string[];
  operation?: string;
  outcome?: { kind: string };
  usage?: { input_tokens: number; output_tokens: number };
}

interface SpentJob {
  plan: readonly PlannedCall[];
  calls: readonly SpentCall[];
  /** Images that came, by index; those that were no usable images among them. */
  made: readonly number[];
}

/**
 * What a job's calls may have been billed: images that came, and of each send whose end nobody saw all that its call asks for.
 */
export function spentOn(rate: Rate, { plan, calls, made }: SpentJob): Micros {
  return calls.reduce((total, record) => {
    const slots = plan.find(({ call }) => call === record.call)?.slots ?? [];
    const came = slots.filter((slot) => made.includes(slot)).length;
    const tokens = record.usage && {
      input: record.usage.input_tokens,
      output: record.usage.output_tokens,
    };
    const unseen = unseenSends(record) * slots.length;
    // Images that came although nobody saw the end are of one of those sends.
    const extra = isAnswered(record) ? unseen : Math.max(0, unseen - came);
    return total + (actualCost(rate, came, tokens) ?? 0) + extra * (rate.perImage ?? 0);
  }, 0);
}

/** An answered call has its other sends as duplicates; of any other, each send in doubt may have been billed. */
function unseenSends(call: SpentCall): number {
  if (isAnswered(call)) return call.duplicates.length;
  const isUnderWay = call.operation !== undefined && call.outcome === undefined;
  return call.inDoubt.length + (isUnderWay ? 1 : 0);
}

function isAnswered({ outcome }: SpentCall): boolean {
  return outcome?.kind === "stored" || outcome?.kind === "refused";
}

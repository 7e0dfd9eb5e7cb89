import type { UsageReport } from "../contracts/usage.ts";
import { invalidRequest } from "../domain/app-error.ts";
import { type BudgetState } from "../domain/quota/account.ts";
import { toUnits } from "../domain/quota/prices.ts";
import { type UsageLine, usageTally } from "../domain/usage.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type { Clock } from "../ports/clock.ts";
import type { JobUsage } from "../ports/jobs.ts";

export interface UsageDeps {
  clock: Clock;
  usage: JobUsage;
}

const dayMs = 86_400_000;
const maxDays = 92;

/** What jobs of those days have used, of one caller or of all. Throws `invalidRequest` for days that are none. */
export async function readUsage(
  { clock, usage }: UsageDeps,
  asked: { from?: string | undefined; to?: string | undefined },
  of?: { caller: string; callerTag: string },
): Promise<{ from: string; to: string; lines: UsageLine[] }> {
  const today = clock.now().toISOString().slice(0, 10);
  const to = asked.to ?? today;
  const from = asked.from ?? `${to.slice(0, 7)}-01`;
  const [first, end] = [new Date(from), new Date(Date.parse(to) + dayMs)];
  const days = (end.getTime() - first.getTime()) / dayMs;
  if (days < 1 || days > maxDays) {
    const message = `from and to must be 1 to ${maxDays} days, the first of them first.`;
    throw invalidRequest([{ param: days < 1 ? "to" : "from", message }]);
  }
  const tally = usageTally();
  for await (const job of usage.list({ from: first, to: end, of })) tally.add(job);
  return { from, to, lines: tally.lines() };
}

export function showLine(line: UsageLine): UsageReport["lines"][number] {
  const { day, model, tags, jobs, openJobs, images, inputTokens, outputTokens, currency, cost } = line;
  return withoutAbsent({
    day,
    model,
    tags: [...tags],
    jobs,
    open_jobs: openJobs,
    images,
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    cost: currency === undefined ? undefined : { currency, actual: toUnits(cost ?? 0) },
  });
}

export function showBudget({ budget, spent, reserved, left, renewsAt }: BudgetState) {
  return withoutAbsent({
    amount: toUnits(budget.amount),
    currency: budget.currency,
    period: budget.period,
    spent: toUnits(spent),
    reserved: toUnits(reserved),
    left: toUnits(left),
    renews_at: renewsAt === undefined ? undefined : new Date(renewsAt).toISOString(),
  });
}

import { actualCost, type Micros, type Rate } from "./quota/prices.ts";
import type { TokenUsage } from "./token-usage.ts";

/** What is counted of one job. */
export interface UsedJob {
  caller: string;
  /** Empty on a job that was refused before one was chosen. */
  model: string;
  /** ISO 8601. */
  createdAt: string;
  tags: readonly string[];
  price?: Rate | undefined;
  /** Undefined while it is open. */
  made?: { images: number; usage: TokenUsage | undefined } | undefined;
}

/** Jobs of one caller, day (UTC, when they came), model and set of tags: each job is in one line. */
export interface UsageLine {
  caller: string;
  day: string;
  model: string;
  tags: readonly string[];
  jobs: number;
  /** Of them. What they will have made isn't counted yet. */
  openJobs: number;
  images: number;
  inputTokens: number;
  outputTokens: number;
  currency?: string;
  /** As `cost.actual` of the jobs says. */
  cost?: Micros;
}

/** Adds jobs up; the lines come by day, the latest first. */
export function usageTally(): { add(job: UsedJob): void; lines(): UsageLine[] } {
  const lines = new Map<string, UsageLine>();

  return {
    add({ caller, model, createdAt, tags, price, made }) {
      const facts = { caller, day: createdAt.slice(0, 10), model, tags: [...tags].sort() };
      const currency = price?.currency;
      const key = JSON.stringify([facts, currency]);
      const line = lines.get(key) ?? {
        ...facts,
        jobs: 0,
        openJobs: 0,
        images: 0,
        inputTokens: 0,
        outputTokens: 0,
        ...(currency !== undefined && { currency, cost: 0 }),
      };
      lines.set(key, line);
      line.jobs += 1;
      if (!made) {
        line.openJobs += 1;
        return;
      }
      const { input_tokens: input = 0, output_tokens: output = 0 } = made.usage ?? {};
      line.images += made.images;
      line.inputTokens += input;
      line.outputTokens += output;
      if (price)
        line.cost = (line.cost ?? 0) + (actualCost(price, made.images, made.usage && { input, output }) ?? 0);
    },
    lines: () => [...lines.values()].toSorted(byDay),
  };
}

function byDay(a: UsageLine, b: UsageLine): number {
  return b.day.localeCompare(a.day) || a.caller.localeCompare(b.caller) || a.model.localeCompare(b.model);
}

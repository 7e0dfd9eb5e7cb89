import { median, milliseconds } from "./numbers.ts";
import type { BenchSize } from "./size.ts";
import { durationOf, type LedgerCall, type Stack } from "./stack.ts";
import type { Row } from "./table.ts";

const boundMs = 150;

/** What a whole job of one image takes beyond the service's own time, on each of the three protocols. */
export async function measureJobOverhead(
  stack: Stack,
  { rounds, warmUps, latencyMs }: BenchSize["overhead"],
): Promise<Row[]> {
  const models = ["dall-e-2", "dall-e-3", "gpt-image-1"];
  const overheads = new Map<string, number[]>(models.map((model) => [model, []]));
  for (let round = 0; round < rounds + warmUps; round += 1) {
    for (const [model, measured] of overheads) {
      const overhead = await measureOne(stack, model, latencyMs);
      if (round >= warmUps) measured.push(overhead);
    }
  }
  return [...overheads].map(([model, measured]) => ({
    what: `job overhead: ${model} / ${boundMs} ms`,
    figures: `${milliseconds(median(measured))} beyond the service, worst ${milliseconds(Math.max(...measured))}`,
    ratio: median(measured) / boundMs,
    bound: 1,
  }));
}

async function measureOne(stack: Stack, model: string, latencyMs: number): Promise<number> {
  await stack.clearCalls();
  // Runs until the thumbnails are made, after the job's end: the next job must not run beside them.
  const job = await stack.run({ model, prompt: `A lamp in the fog [[latency=${latencyMs}]]` });
  const calls = await stack.ledger();
  return durationOf(job) - calls.reduce((sum, call) => sum + serviceTime(call), 0);
}

/** A call's own time, and the wait that its answer asks for: coming back sooner would break the service's rules. */
function serviceTime({ started_at, finished_at, retry_after_ms = 0 }: LedgerCall): number {
  return finished_at - started_at + retry_after_ms;
}

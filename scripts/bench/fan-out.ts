import { milliseconds } from "./numbers.ts";
import type { BenchSize } from "./size.ts";
import { durationOf, type Stack } from "./stack.ts";
import type { Row } from "./table.ts";

/** Many pictures of a model that makes one per call: how much longer than one picture? */
export async function measureFanOut(stack: Stack, { images, latencyMs }: BenchSize["fanOut"]): Promise<Row> {
  await stack.clearCalls();
  const prompt = `Kites over a bay [[latency=${latencyMs}]]`;
  const job = await stack.run({ model: "dall-e-3", prompt, n: images });
  const calls = (await stack.ledger()).filter(({ route }) => route === "generate");
  const slowest = Math.max(...calls.map(({ started_at, finished_at }) => finished_at - started_at));
  const took = durationOf(job);
  return {
    what: `fan-out: dall-e-3, n=${images} / its slowest call`,
    figures: `${milliseconds(took)} / ${milliseconds(slowest)}, ${calls.length} calls`,
    ratio: took / slowest,
    bound: 1.2,
  };
}

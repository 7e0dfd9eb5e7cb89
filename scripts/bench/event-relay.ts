import { setTimeout as sleep } from "node:timers/promises";
import { median, milliseconds, percentile } from "./numbers.ts";
import type { BenchSize } from "./size.ts";
import type { Stack } from "./stack.ts";
import type { Row } from "./table.ts";

const boundMs = 300;

/** How long it takes from the service's writing of a partial image until each of many watchers of the job has read of it. */
export async function measureEventRelay(stack: Stack, size: BenchSize["relay"]): Promise<Row> {
  const { rounds, warmUps, watchers } = size;
  const delays: number[] = [];
  for (let round = 0; round < rounds + warmUps; round += 1) {
    const measured = await measureOne(stack, round, size);
    if (round >= warmUps) delays.push(...measured);
  }
  const worst = percentile(delays, 95);
  return {
    what: `event relay: ${watchers} watchers, p95 / ${boundMs} ms`,
    figures: `p95 ${milliseconds(worst)}, median ${milliseconds(median(delays))}, ${delays.length} deliveries`,
    ratio: worst / boundMs,
    bound: 1,
  };
}

async function measureOne(
  stack: Stack,
  round: number,
  { watchers, latencyMs }: BenchSize["relay"],
): Promise<number[]> {
  await stack.clearCalls();
  const prompt = `A lamp that appears ${round} [[latency=${latencyMs}]]`;
  const job = await stack.post({ model: "gpt-image-1", prompt, stream: true, partial_images: 3 });
  const seen = await Promise.all(Array.from({ length: watchers }, () => watch(job.links.events)));
  const [call] = (await stack.ledger()).filter(({ route }) => route === "generate");
  const written = call?.stream?.partials ?? [];
  if (written.length !== 3 || seen.some((times) => times.length !== 3))
    throw new Error("A watcher has not seen every partial image.");
  await sleep(500);
  return seen.flatMap((times) => times.map((at, step) => at - (written[step]?.at ?? NaN)));
}

/** When each `image.partial` was read, to the end of the stream. */
async function watch(url: string): Promise<number[]> {
  const response = await fetch(url);
  const times: number[] = [];
  for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    // Messages are small and written one by one; one that comes in two pieces still has one such line.
    const count = text.split("event: image.partial\n").length - 1;
    for (let at = 0; at < count; at += 1) times.push(Date.now());
  }
  return times;
}

import { median, milliseconds, percentile } from "./numbers.ts";
import type { BenchSize } from "./size.ts";
import type { Stack } from "./stack.ts";
import type { Row } from "./table.ts";

const boundMs = 25;

/** How long an app waits for a phone's width of a picture that was asked for before, and for the 304 when it has it. */
export async function measureStoredRendition(
  stack: Stack,
  { rounds, warmUps }: BenchSize["rendition"],
): Promise<Row> {
  const { images } = await stack.run({ model: "gpt-image-1", prompt: "A lighthouse on a phone" });
  const address = `${images[0]?.content_url ?? ""}?width=390&format=webp`;
  // Makes it.
  const { etag } = await stack.read(address);
  const stored: number[] = [];
  const unchanged: number[] = [];
  for (let round = -warmUps; round < rounds; round += 1) {
    const whole = await stack.read(address);
    const known = await stack.read(address, { "if-none-match": etag });
    if (whole.status !== 200 || known.status !== 304)
      throw new Error(`HTTP ${whole.status} and ${known.status} in place of 200 and 304`);
    if (round < 0) continue;
    stored.push(whole.tookMs);
    unchanged.push(known.tookMs);
  }
  const slow = percentile(stored, 95);
  return {
    what: `picture: width=390&format=webp, stored, p95 / ${boundMs} ms`,
    figures: `${milliseconds(median(stored))}, p95 ${milliseconds(slow)}; 304 in ${milliseconds(median(unchanged))}`,
    ratio: slow / boundMs,
    bound: 1,
  };
}

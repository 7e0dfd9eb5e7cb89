import { setTimeout as sleep } from "node:timers/promises";
import type { Job } from "../../../src/contracts/http-api.ts";
import { peakBytesOf, forgetPeakOf } from "../process-figures.ts";
import type { PlainStack } from "../plain-stack.ts";
import { median } from "../numbers.ts";

export const small = "[[picture=small]]";

export async function post(
  { darkroom, headers }: PlainStack,
  body: object,
  { at = darkroom.url, wait = false } = {},
): Promise<Job> {
  const response = await fetch(`${at}/api/images/generations`, {
    method: "POST",
    headers: wait ? { ...headers, prefer: "wait=120" } : headers,
    body: JSON.stringify({ model: "gpt-image-1", ...body }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`HTTP ${response.status}: ${text}`);
  return JSON.parse(text) as Job;
}

export interface Throughput {
  jobsPerSecond: number;
  /** Of the whole run, the looks of acceptance left out. */
  jobs: number;
  acceptMs: number;
}

/** So many clients, each of which asks for its next picture when it has the last. One more looks how long an acceptance takes. */
export async function measureThroughput(
  stack: PlainStack,
  { clients, warmUpMs, measureMs }: { clients: number; warmUpMs: number; measureMs: number },
  addresses: readonly string[] = [stack.darkroom.url],
): Promise<Throughput> {
  const over = AbortSignal.timeout(warmUpMs + measureMs);
  const begins = performance.now() + warmUpMs;
  const isMeasured = () => performance.now() >= begins;
  let jobs = 0;
  let ended = 0;
  let lastAt = begins;
  const client = async (number: number) => {
    const at = addresses[number % addresses.length] ?? "";
    for (let round = 0; !over.aborted; round += 1) {
      const job = await post(
        stack,
        { prompt: `Lamp ${number} ${round} ${small} [[latency=100]]` },
        { at, wait: true },
      );
      if (job.status !== "succeeded") throw new Error(`A job is ${job.status}.`);
      jobs += 1;
      if (!isMeasured()) continue;
      ended += 1;
      lastAt = performance.now();
    }
  };
  const accepts: number[] = [];
  const look = async () => {
    for (let round = 0; !over.aborted; round += 1) {
      const sent = performance.now();
      await post(stack, { prompt: `Look ${round} ${small} [[latency=100]]` });
      if (isMeasured()) accepts.push(performance.now() - sent);
      await sleep(200);
    }
  };
  await Promise.all([look(), ...Array.from({ length: clients }, (_, number) => client(number))]);
  return { jobs, jobsPerSecond: (ended * 1_000) / (lastAt - begins), acceptMs: median(accepts) };
}

/** From the service's last byte of a partial image to the watcher's first byte of its event. Milliseconds. */
export async function measurePartials(
  stack: PlainStack,
  upstream: string,
  rounds: number,
): Promise<number[]> {
  const delays: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const prompt = `A lamp that appears ${round} [[latency=800]]`;
    const job = await post(stack, { prompt, stream: true, partial_images: 1 });
    const response = await fetch(job.links.events);
    let seenAt = NaN;
    for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? [])
      if (text.includes("event: image.partial\n")) seenAt = Date.now();
    const written = (await (await fetch(upstream)).json()) as number[];
    delays.push(seenAt - (written.at(-1) ?? NaN));
  }
  return delays;
}

/** The most memory while so many calls of ten large pictures are answered at once. */
export async function measureMemory(stack: PlainStack, calls: number): Promise<number> {
  const pid = stack.darkroom.hostPid();
  forgetPeakOf(pid);
  const jobs = Array.from({ length: calls }, (_, number) =>
    post(stack, { prompt: `Stones ${number} [[picture=large]]`, n: 10 }, { wait: true }),
  );
  await Promise.all(jobs);
  return peakBytesOf(pid);
}

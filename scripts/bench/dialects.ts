import { setTimeout as sleep } from "node:timers/promises";
import OpenAI from "openai";
import type { Job } from "../../src/contracts/http-api.ts";
import { median, milliseconds } from "./numbers.ts";
import type { BenchSize } from "./size.ts";
import type { Stack } from "./stack.ts";
import type { Row } from "./table.ts";

const boundMs = { added: 5, end: 30, partial: 50 };
const model = "gpt-image-1";
// What a request leaves to be done behind its answer, thumbnails above all, is over by then.
const restMs = 150;

/**
 * What the dialect adds to the same job by `POST /api` and `Prefer: wait`, with links and with bytes; how soon after a job's
 * end its answer is there; and how soon after it was written a partial image is with OpenAI's own client. Whole requests
 * are compared, to a service that answers at once, round by round: whatever else this machine does falls on all of a round alike.
 */
export async function measureDialects(stack: Stack, size: BenchSize["dialects"]): Promise<Row[]> {
  const rounds: Round[] = [];
  for (let round = -size.warmUps; round < size.rounds; round += 1) {
    const one = await measureRound(stack, round);
    if (round >= 0) rounds.push(one);
  }
  const partials = await measurePartials(stack, size);
  return [
    row(
      "dialect, url: beyond POST /api and wait",
      boundMs.added,
      rounds.map(({ url, api }) => [url, api]),
    ),
    row(
      "dialect, b64_json: beyond that and a read of the blob",
      boundMs.added,
      rounds.map(({ b64, api, read }) => [b64, api, read]),
    ),
    row(
      "wait: answer after the job's end",
      boundMs.end,
      rounds.map(({ afterEnd }) => [afterEnd]),
    ),
    row(
      `dialect, stream: ${partials.length} partial images after their writes`,
      boundMs.partial,
      partials.map((delay) => [delay]),
    ),
  ];
}

/** In milliseconds. */
interface Round {
  api: number;
  url: number;
  b64: number;
  /** A link to a picture, fetched. */
  read: number;
  /** From the end of the job of `api` to its answer. */
  afterEnd: number;
}

async function measureRound(stack: Stack, round: number): Promise<Round> {
  const api = await askApi(stack, round);
  return {
    api: api.took,
    afterEnd: api.afterEnd,
    url: await askDialect(stack, round, "url"),
    b64: await askDialect(stack, round, "b64_json"),
    read: await timed(async () => (await fetch(api.link)).arrayBuffer()),
  };
}

/** In each round the first figure less the others; the median of that against a bound. */
function row(what: string, bound: number, rounds: readonly (readonly [number, ...number[]])[]): Row {
  const ms = median(rounds.map(([first, ...others]) => others.reduce((left, other) => left - other, first)));
  const medians = rounds[0]?.map((_, at) =>
    milliseconds(median(rounds.map((figures) => figures[at] ?? NaN))),
  );
  const figures = medians?.join(" - ") ?? "";
  // Less than nothing is noise.
  return {
    what: `${what} / ${bound} ms`,
    figures: medians?.length === 1 ? figures : `${milliseconds(ms)}: ${figures}`,
    ratio: Math.max(0, ms / bound),
    bound: 1,
  };
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await run();
  return performance.now() - began;
}

async function askApi(stack: Stack, round: number) {
  const asked = stack.request({ model, prompt: `A lamp by /api ${round}` });
  const headers = { ...(asked.headers as Record<string, string>), prefer: "wait=60" };
  await sleep(restMs);
  const began = performance.now();
  const reply = await fetch(`${stack.darkroom.url}/api/images/generations`, { ...asked, headers });
  const job = (await reply.json()) as Job;
  const took = performance.now() - began;
  return { took, afterEnd: Date.now() - Date.parse(job.finished_at ?? ""), link: job.images[0]?.url ?? "" };
}

async function askDialect(stack: Stack, round: number, response_format: string): Promise<number> {
  const asked = stack.request({
    model,
    prompt: `A lamp by /v1 ${round} ${response_format}`,
    response_format,
  });
  await sleep(restMs);
  const began = performance.now();
  const reply = await fetch(`${stack.darkroom.url}/v1/images/generations`, asked);
  await reply.json();
  return performance.now() - began;
}

async function measurePartials(
  stack: Stack,
  { streams, latencyMs }: BenchSize["dialects"],
): Promise<number[]> {
  const { darkroom } = stack;
  const client = new OpenAI({ baseURL: `${darkroom.url}/v1`, apiKey: darkroom.key ?? "" });
  const delays: number[] = [];
  for (let round = 0; round < streams; round += 1) {
    await stack.clearCalls();
    const prompt = `A lamp that appears ${round} [[latency=${latencyMs}]]`;
    const stream = await client.images.generate({ model, prompt, stream: true, partial_images: 3 });
    const seen: number[] = [];
    for await (const { type } of stream) if (type.endsWith("partial_image")) seen.push(Date.now());
    const [call] = (await stack.ledger()).filter(({ route }) => route === "generate");
    const written = call?.stream?.partials ?? [];
    if (seen.length !== written.length) throw new Error("The client has not seen every partial image.");
    delays.push(...seen.map((at, step) => at - (written[step]?.at ?? NaN)));
  }
  return delays;
}

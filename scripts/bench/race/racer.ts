import OpenAI from "openai";
import { createOpenAI } from "@ai-sdk/openai";
import { generateImage } from "ai";

export interface RacerOptions {
  headers?: Record<string, string>;
  /** Ends each prompt: what the service is to do (plain-upstream.ts). */
  directives?: string;
  /** Pictures of each call. */
  n?: number;
}

/**
 * One way to ask for a picture and have its bytes, in a process of its own: `node racer.ts WAY URL OPTIONS`. Each message
 * `{ calls, inFlight }` is a lap, answered with the milliseconds of each call and of the whole.
 */
const [way = "", url = "", said = "{}"] = process.argv.slice(2);
const options = JSON.parse(said) as RacerOptions;
const headers = { "content-type": "application/json", ...options.headers };
const model = "gpt-image-1";

let asked = 0;
/** No two alike: an equal request could be answered with an earlier one's picture. */
const prompt = () => `A lamp in the fog ${(asked += 1)} ${options.directives ?? ""}`;

async function reply<T>(path: string): Promise<T> {
  const response = await fetch(url + path, {
    method: "POST",
    headers,
    body: JSON.stringify({ model, prompt: prompt(), ...(options.n && { n: options.n }) }),
  });
  if (!response.ok) throw new Error(`HTTP ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}

interface Reply {
  data?: { b64_json?: string }[];
}

const decoded = ({ data }: Reply) => Buffer.from(data?.[0]?.b64_json ?? "", "base64").length;

const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: "none", maxRetries: 0 });
const provider = createOpenAI({ baseURL: `${url}/v1`, apiKey: "none" });

/** Each gives the bytes of its picture, by their number; Darkroom's answer is a job with a link. */
const ways: Record<string, () => Promise<number>> = {
  fetch: async () => decoded(await reply<Reply>("/v1/images/generations")),
  openai: async () => decoded(await client.images.generate({ model, prompt: prompt() })),
  ai: async () =>
    (await generateImage({ model: provider.image(model), prompt: prompt(), maxRetries: 0 })).image.uint8Array
      .length,
  job: async () => {
    const { status, images } = await reply<{ status: string; images: { bytes?: number }[] }>(
      "/api/images/generations",
    );
    if (status !== "succeeded") throw new Error(`A job is ${status}.`);
    return images.length;
  },
};

process.on("message", ({ calls, inFlight }: { calls: number; inFlight: number }) => {
  lap(calls, inFlight).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
process.once("disconnect", () => process.exit());
process.send?.({ ready: true });

async function lap(calls: number, inFlight: number): Promise<void> {
  const ask = ways[way];
  if (!ask) throw new Error(`No such way: ${way}`);
  const latencies: number[] = [];
  let left = calls;
  const began = performance.now();
  const caller = async () => {
    while (left > 0) {
      left -= 1;
      const sent = performance.now();
      if ((await ask()) === 0) throw new Error("An answer without a picture.");
      latencies.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
  process.send?.({ latencies, wallMs: performance.now() - began });
}

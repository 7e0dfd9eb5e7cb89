import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import type { Driving, Flow } from "./flow.ts";

const accepted = z.looseObject({ id: z.string() });

export async function idOf(reply: Response | undefined): Promise<string | undefined> {
  return reply && accepted.parse(await reply.json()).id;
}

const generate = (body: object, headers: Record<string, string> = {}) =>
  async function start({ client, prompt, key }: Driving): Promise<string | undefined> {
    return idOf(
      await client.postJson("/api/images/generations", { prompt, ...body }, { ...key, ...headers }),
    );
  };

const dalle3 = { model: "dall-e-3" };
const gpt = { model: "gpt-image-1" };

/** Generations on each protocol, and what clients do around them. */
export const generationFlows: Flow[] = [
  { name: "dalle3", wanted: 1, perCall: 1, route: "generate", start: generate(dalle3) },
  { name: "dalle3x4", wanted: 4, perCall: 1, route: "generate", start: generate({ ...dalle3, n: 4 }) },
  { name: "gpt", wanted: 1, perCall: 1, route: "generate", start: generate(gpt) },
  { name: "gptx4", wanted: 4, perCall: 4, route: "generate", start: generate({ ...gpt, n: 4 }) },
  {
    name: "streamed",
    wanted: 1,
    perCall: 1,
    route: "generate",
    isStreamed: true,
    start: generate({ ...gpt, stream: true, partial_images: 2 }),
  },
  {
    name: "dalle2x2",
    wanted: 2,
    perCall: 2,
    route: "submit",
    start: generate({ model: "dall-e-2", n: 2, size: "256x256" }),
  },
  {
    name: "waiting",
    wanted: 1,
    perCall: 1,
    route: "generate",
    start: generate(dalle3, { prefer: "wait=20" }),
  },
  {
    name: "twice",
    wanted: 1,
    perCall: 1,
    route: "generate",
    async start(driving) {
      const ids = await Promise.all([generate(dalle3)(driving), generate(dalle3)(driving)]);
      const [first, second] = ids;
      if (first !== undefined && second !== undefined && first !== second)
        throw new Error(`One key made two jobs: ${first} and ${second}.`);
      return first ?? second;
    },
  },
  {
    name: "canceled",
    wanted: 4,
    perCall: 4,
    route: "generate",
    leaves: "canceled",
    start: generate({ ...gpt, n: 4 }),
    async during({ client, scope }, jobId) {
      await sleep(scope.random.between(0, 900));
      await client.until([200, 409], `/api/jobs/${jobId}/cancel`, { method: "POST" });
    },
  },
  {
    name: "deleted",
    wanted: 4,
    perCall: 4,
    route: "generate",
    leaves: "deleted",
    start: generate({ ...gpt, n: 4 }),
    async after({ client, scope }, jobId) {
      await sleep(scope.random.between(0, 400));
      // Gone already when the answer to an earlier try was lost.
      await client.until([204, 404], `/api/jobs/${jobId}`, { method: "DELETE" });
    },
  },
  {
    name: "told",
    wanted: 1,
    perCall: 1,
    route: "generate",
    isDelivered: true,
    async start(driving) {
      const { stack, scope } = driving;
      const webhook_url = stack.receiver.expect(scope.token, scope.random.between(0, 1));
      return generate({ ...dalle3, webhook_url })(driving);
    },
  },
];

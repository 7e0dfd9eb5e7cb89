import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Asked, type Client, clients, type Place } from "../../support/clients.ts";
import { CuttingProxy } from "../../support/cutting-proxy.ts";
import { LossyProxy } from "../../support/lossy-proxy.ts";
import { useSharedDarkroom } from "../../support/darkroom.ts";

const darkroom = useSharedDarkroom();
const proxy = new CuttingProxy();
const lossy = new LossyProxy();
beforeAll(async () => {
  await proxy.listen(darkroom.running.url);
  await lossy.listen(darkroom.running.url);
});
afterAll(async () => {
  await proxy.close();
  await lossy.close();
});
const place = (): Place => ({ url: proxy.url, key: darkroom.running.key ?? "" });

async function post(
  { url, key }: Place,
  asked: Asked,
  headers: Record<string, string> = {},
): Promise<string[]> {
  const reply = await fetch(`${url}/v1/images/generations`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
    body: JSON.stringify(asked),
  });
  const { data = [] } = (await reply.json()) as { data?: { b64_json: string }[] };
  return data.map(({ b64_json }) => b64_json);
}

/** A client that knows nothing of retries, in the hands of somebody who sends it again at once. */
const byHand = (name: string, header?: string): Client => ({
  name,
  models: ["gpt-image-1"],
  sendsId: header !== undefined,
  async generate(...args) {
    const headers: Record<string, string> = header === undefined ? {} : { [header]: randomUUID() };
    return post(...args, headers).catch(() => sleep(300).then(() => post(...args, headers)));
  },
});

const all = [
  ...clients,
  byHand("fetch, without any id"),
  byHand("a client that sends x-ms-client-request-id", "x-ms-client-request-id"),
  byHand("a client that sends Idempotency-Key", "idempotency-key"),
];

async function called(prompt: string, calls = 1): Promise<void> {
  while ((await darkroom.calls(prompt)).length < calls) await sleep(20);
}

describe.each(all)("a connection of $name that is cut while the job runs", ({ models, generate }) => {
  it("costs one bill, and its user gets the picture", async () => {
    const prompt = darkroom.unused(`cut off ${randomUUID()} [[latency=2500]]`);
    const pictures = generate(place(), { model: models.at(-1) ?? "", prompt });
    await called(prompt);
    proxy.cut();
    expect(await pictures).toHaveLength(1);
    expect((await darkroom.ledger(prompt)).totals.images_billed).toBe(1);
  });
});

it.each(all.filter(({ sendsId }) => sendsId))(
  "an answer to $name that is read whole and thrown away, twice, costs one bill",
  async ({ name, models, generate }) => {
    const prompt = darkroom.unused(`thrown away ${randomUUID()}`);
    const asked = { model: models.at(-1) ?? "", prompt };
    // Anyone who sends again by hand does it once.
    lossy.losing = name.startsWith("a client") ? 1 : 2;
    expect(await generate({ ...place(), url: lossy.url }, asked)).toHaveLength(1);
    expect([lossy.losing, (await darkroom.ledger(prompt)).totals.images_billed]).toEqual([0, 1]);
  },
);

it.each(clients)(
  "three equal requests of $name at once, one of them cut, are three pictures and three bills",
  async ({ models, generate }) => {
    const prompt = darkroom.unused(`three at once ${randomUUID()} [[latency=2500]]`);
    const asked = [1, 2, 3].map(async () => generate(place(), { model: models.at(-1) ?? "", prompt }));
    await called(prompt, 3);
    proxy.cut(1);
    const pictures = (await Promise.all(asked)).flat();
    expect(new Set(pictures).size).toBe(3);
    expect((await darkroom.ledger(prompt)).totals.images_billed).toBe(3);
  },
);

it("none of those who were cut off is a failure in the log", () => {
  expect(darkroom.log).toMatch(/POST v1\/images\/generations 504/);
  expect(darkroom.log).not.toMatch(/ForwarderError|Functions\.(v1|openai-v1|azure\S*)-images/);
});

it("asked again after its answer was delivered, a request is another picture", async () => {
  const prompt = darkroom.unused("wanted twice");
  const pictures = [
    await post(place(), { model: "gpt-image-1", prompt }),
    await post(place(), { model: "gpt-image-1", prompt }),
  ];
  expect(new Set(pictures.flat()).size).toBe(2);
});

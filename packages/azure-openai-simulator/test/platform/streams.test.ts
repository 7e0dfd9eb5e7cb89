import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { file, input, mask } from "./edit-support.ts";
import { eventsIn, meanDifference, namesIn, readRaw, streamPath, tiny } from "./stream-support.ts";
import { aPrompt, eventually, inspect, simulate, type Simulated } from "./support.ts";

const version = "2025-04-01-preview";
const shapes = { size: "1024x1024", quality: "low", background: "opaque", output_format: "png" };

const decode = (base64: unknown) => Buffer.from(String(base64), "base64");
const pixels = (picture: Buffer) => sharp(picture).removeAlpha().raw().toBuffer();

interface Seen {
  readonly type: string;
  readonly b64_json: string;
  readonly partial_image_index?: number;
}

async function collect(stream: AsyncIterable<Seen>): Promise<Seen[]> {
  const seen: Seen[] = [];
  for await (const event of stream) seen.push(event);
  return seen;
}

describe("the openai client reads a generation that streams", () => {
  const roads: [string, string, (simulated: Simulated) => ReturnType<Simulated["openai"]>][] = [
    ["a deployment's address", "gpt-image-1", (simulated) => simulated.azure("gpt-image", version)],
    ["Azure's v1 address", "gpt-image", (simulated) => simulated.openai("/openai/v1")],
    ["OpenAI's own address", "gpt-image-1.5", (simulated) => simulated.openai("/v1")],
  ];

  it.each(roads)("at %s", async (_road, model, clientOf) => {
    const simulated = await simulate();
    const prompt = aPrompt();
    const stream = await clientOf(simulated).images.generate({
      model,
      prompt,
      stream: true,
      partial_images: 3,
      quality: "low",
      size: "1024x1024",
    });
    const seen = await collect(stream);
    const partial = "image_generation.partial_image";
    expect(seen.map(({ type }) => type)).toEqual([partial, partial, partial, "image_generation.completed"]);
    for (const event of seen) {
      expect(event).toMatchObject({ ...shapes, created_at: expect.any(Number) as number });
    }
    expect(seen.map((event) => event.partial_image_index)).toEqual([0, 1, 2, undefined]);
    expect(seen.map((event) => "usage" in event)).toEqual([false, false, false, true]);
    expect(seen[3]).toMatchObject({ usage: { output_tokens: 272 } });
    expect((await simulated.ledger(prompt)).calls).toMatchObject([
      { route: "generate", status: 200, outcome: "billed", images_billed: 1, client_hung_up: false },
    ]);
  });

  it("and each partial picture is nearer to the last one", async () => {
    const simulated = await simulate();
    const events = eventsIn(await readRaw(simulated, aPrompt(), { size: "1536x1024" }));
    const pictures = events.map(({ data }) => decode(data.b64_json));
    for (const picture of pictures) {
      expect(await inspect(picture)).toMatchObject({ format: "png", width: 1536, height: 1024 });
    }
    const [first, second, third, last] = await Promise.all(pictures.map(pixels));
    const differences = [first, second, third].map((partial) => meanDifference(partial!, last!));
    expect(differences[0]).toBeGreaterThan(differences[1]!);
    expect(differences[1]).toBeGreaterThan(differences[2]!);
    expect(differences[2]).toBeGreaterThan(0.1);
    // Another picture altogether would be much further off.
    expect(differences[0]).toBeLessThan(40);
  });

  it("and partial pictures have the format that was asked for", async () => {
    const simulated = await simulate();
    const more = { output_format: "jpeg", output_compression: 50, partial_images: 1 };
    const events = eventsIn(await readRaw(simulated, aPrompt(), more));
    expect(events).toHaveLength(2);
    for (const { data } of events)
      expect(await inspect(decode(data.b64_json))).toMatchObject({ format: "jpeg" });
  });
});

describe("the openai client reads an edit that streams", () => {
  it.each([
    [
      "a deployment's address",
      "gpt-image-1",
      (simulated: Simulated) => simulated.azure("gpt-image", version),
    ],
    ["OpenAI's own address", "gpt-image-1.5", (simulated: Simulated) => simulated.openai("/v1")],
  ])("at %s", async (_road, model, clientOf) => {
    const simulated = await simulate();
    const prompt = aPrompt();
    const stream = await clientOf(simulated).images.edit({
      model,
      image: file(await input()),
      mask: file(await mask(), "image/png", "mask.png"),
      prompt,
      size: "1024x1024",
      quality: "low",
      stream: true,
      partial_images: 2,
    });
    const seen = await collect(stream);
    const partial = "image_edit.partial_image";
    expect(seen.map(({ type }) => type)).toEqual([partial, partial, "image_edit.completed"]);
    expect(seen[2]).toMatchObject({ ...shapes, usage: { input_tokens_details: { image_tokens: 194 } } });
    const [first, second, last] = await Promise.all(seen.map(({ b64_json }) => pixels(decode(b64_json))));
    expect(meanDifference(first!, last!)).toBeGreaterThan(meanDifference(second!, last!));
    expect((await simulated.ledger(prompt)).calls).toMatchObject([
      { route: "edit", images_billed: 1, stream: { partials: [{ index: 0 }, { index: 1 }] } },
    ]);
  });
});

describe("a stream", () => {
  it.each([
    [0, []],
    [1, [0]],
    [3, [0, 1, 2]],
  ])("of partial_images %i shows as many before the last", async (partial_images, indexes) => {
    const simulated = await simulate();
    const raw = await readRaw(simulated, aPrompt(tiny), { partial_images });
    expect(raw).toMatchObject({ status: 200, type: expect.stringContaining("text/event-stream") as string });
    const events = eventsIn(raw);
    expect(events.slice(0, -1).map(({ data }) => data.partial_image_index)).toEqual(indexes);
    expect(events.at(-1)?.name).toBe("image_generation.completed");
    expect(raw.bytes.toString()).not.toContain("[DONE]");
  });

  it("shows none where the request names no number", async () => {
    const simulated = await simulate();
    expect(namesIn(await readRaw(simulated, aPrompt(tiny), { partial_images: undefined }))).toEqual([
      "completed",
    ]);
  });

  it("is not what a request without it gets", async () => {
    const simulated = await simulate();
    for (const more of [{}, { stream: false }, { partial_images: 2 }]) {
      const answer = await simulated.gptImage(aPrompt(tiny), more);
      expect(answer).toMatchObject({ status: 200, body: { data: [{}] } });
    }
  });

  it("is spread over the call's time, and the ledger tells when each event was written", async () => {
    const simulated = await simulate();
    const prompt = aPrompt(`${tiny} [[latency=400]]`);
    await readRaw(simulated, prompt);
    const [call] = (await simulated.ledger(prompt)).calls;
    const { partials, completed_at } = call!.stream!;
    const moments = [...partials.map(({ at }) => at), completed_at!].map((at) => at - call!.started_at);
    expect(partials.map(({ index }) => index)).toEqual([0, 1, 2]);
    // Not before their time; how late a busy machine is does not matter.
    for (const [at, moment] of moments.entries()) expect(moment).toBeGreaterThanOrEqual(100 * (at + 1));
    expect(call!.stream!.left_at).toBeUndefined();
  });

  it("whose client leaves is work no longer, and tells when that was", async () => {
    const simulated = await simulate();
    const prompt = aPrompt(`${tiny} [[latency=1200000]]`);
    const leaving = new AbortController();
    const request = { method: "POST", headers: simulated.credentials, signal: leaving.signal };
    const body = JSON.stringify({ prompt, stream: true, partial_images: 1 });
    await fetch(new URL(streamPath, simulated.url), { ...request, body });
    expect((await simulated.ledger(prompt)).in_flight).toBe(1);
    leaving.abort();
    const { calls, in_flight } = await eventually(
      () => simulated.ledger(prompt),
      ({ in_flight }) => in_flight === 0,
    );
    expect(in_flight).toBe(0);
    expect(calls).toMatchObject([
      {
        outcome: "not_billed",
        client_hung_up: true,
        stream: { partials: [], left_at: expect.any(Number) as number },
      },
    ]);
  });

  it("that shows a picture is billed, also when its client then leaves", async () => {
    const simulated = await simulate();
    const prompt = aPrompt(`${tiny} [[stall=event:1]]`);
    const raw = await readRaw(simulated, prompt, { enough: (text) => text.includes("\n\n") });
    expect(raw.ended).toBe(false);
    const { calls } = await eventually(
      () => simulated.ledger(prompt),
      ({ in_flight }) => in_flight === 0,
    );
    expect(calls).toMatchObject([
      {
        outcome: "billed",
        client_hung_up: true,
        stream: { partials: [{ index: 0 }], left_at: expect.any(Number) as number },
      },
    ]);
    expect(calls[0]!.stream!.completed_at).toBeUndefined();
  });
});

import { APIError } from "openai";
import { describe, expect, it } from "vitest";
import { eventsIn, namesIn, readRaw, tiny } from "./stream-support.ts";
import { aPrompt, eventually, simulate } from "./support.ts";

const read = async (words: string, more: object = {}) => {
  const simulated = await simulate();
  const prompt = aPrompt(`${tiny} ${words}`);
  const raw = await readRaw(simulated, prompt, { ...more });
  return { simulated, prompt, raw };
};

const whole = ["partial_image", "partial_image", "partial_image", "completed"];

describe("a stream that is cut", () => {
  it.each([
    ["headers", 0, false],
    ["event:0", 0, false],
    ["event:0.5", 0, true],
    ["event:1", 1, false],
    ["event:1.5", 1, true],
    ["event:3", 3, false],
    ["event:3.9", 3, true],
    ["event:4", 4, false],
    ["50%", 2, false],
    ["10%", 0, true],
  ])("at %s brings %i whole events", async (place, count, isTorn) => {
    const { simulated, prompt, raw } = await read(`[[cut=${place}]]`);
    expect(raw).toMatchObject({ status: 200, ended: false });
    expect(namesIn(raw)).toEqual(whole.slice(0, count));
    expect(raw.bytes.toString().endsWith("\n\n") || raw.bytes.length === 0).toBe(!isTorn);
    const [call] = (await simulated.ledger(prompt)).calls;
    expect(call).toMatchObject({
      client_hung_up: false,
      stream: { partials: { length: Math.min(3, count) } },
    });
  });

  it.each([
    ["before", "billed"],
    ["arrival", "not_billed"],
  ])("at %s brings no answer at all: %s", async (place, outcome) => {
    const simulated = await simulate();
    const prompt = aPrompt(`${tiny} [[cut=${place}]]`);
    await expect(readRaw(simulated, prompt)).rejects.toThrow("fetch failed");
    expect((await simulated.ledger(prompt)).calls).toMatchObject([{ status: null, outcome }]);
  });
});

describe("a stream that stalls", () => {
  it.each([
    ["event:2", 2],
    ["event:2.5", 2],
    ["event:4", 4],
  ])("at %s is silent until its client leaves", async (place, count) => {
    const simulated = await simulate();
    const prompt = aPrompt(`${tiny} [[stall=${place}]]`);
    const enough = (text: string) => text.split("\n\n").length > count;
    const raw = await readRaw(simulated, prompt, { enough });
    expect(raw.ended).toBe(false);
    expect(namesIn(raw)).toEqual(whole.slice(0, count));
    const { calls } = await eventually(
      () => simulated.ledger(prompt),
      ({ in_flight }) => in_flight === 0,
    );
    expect(calls).toMatchObject([{ client_hung_up: true, outcome: "billed" }]);
  });
});

describe("a stream that ends otherwise", () => {
  it.each([
    ["[[partials=1]]", ["partial_image", "completed"]],
    ["[[partials=0]]", ["completed"]],
    ["[[partials=5]]", [...Array.from({ length: 5 }, () => "partial_image"), "completed"]],
    ["[[ending=none]]", ["partial_image", "partial_image", "partial_image"]],
    ["[[ending=none partials=0]]", []],
  ])("%s", async (words, names) => {
    const { raw } = await read(words);
    expect(raw.ended).toBe(true);
    expect(namesIn(raw)).toEqual(names);
  });

  it("with its last event's JSON broken", async () => {
    const { raw } = await read("[[ending=broken partials=0]]");
    expect(raw.ended).toBe(true);
    expect(raw.bytes.toString()).toMatch(/^event: image_generation\.completed\ndata: \{.*[^}]\n\n$/);
    expect(() => eventsIn(raw)).toThrow(SyntaxError);
  });

  it("with one index told twice", async () => {
    const { raw } = await read("[[duplicate=1]]");
    expect(eventsIn(raw).map(({ data }) => data.partial_image_index)).toEqual([0, 1, 1, 2, undefined]);
  });

  it.each([
    ["[[refuse=output partials=1]]", "moderation_blocked"],
    ["[[refuse=output dialect=contentFilter partials=1]]", "contentFilter"],
    ["[[ending=error partials=1]]", "InternalServerError"],
    ["[[ending=error code=rate_limit_exceeded partials=1]]", "rate_limit_exceeded"],
  ])("%s: an error after one partial picture, billed", async (words, code) => {
    const { simulated, prompt, raw } = await read(words);
    expect(namesIn(raw)).toEqual(["partial_image", "error"]);
    expect(eventsIn(raw)[1]!.data).toMatchObject({ error: { code, message: expect.any(String) as string } });
    expect((await simulated.ledger(prompt)).calls).toMatchObject([
      { status: 200, outcome: "billed", stream: { erred_at: expect.any(Number) as number } },
    ]);
  });

  it("with an error that the openai client raises in the middle", async () => {
    const simulated = await simulate();
    const stream = await simulated.azure("gpt-image", "2025-04-01-preview").images.generate({
      prompt: aPrompt(`${tiny} [[refuse=output partials=2]]`),
      stream: true,
      partial_images: 3,
    });
    const seen: string[] = [];
    const reading = (async () => {
      for await (const { type } of stream) seen.push(type);
    })();
    await expect(reading).rejects.toBeInstanceOf(APIError);
    await expect(reading).rejects.toMatchObject({ code: "moderation_blocked" });
    expect(seen).toHaveLength(2);
  });
});

describe("what replaces a stream", () => {
  it.each([
    ["[[refuse]]", 400],
    ["[[429=4]]", 429],
    ["[[503]]", 503],
    ["[[stream=ignored]]", 200],
    ["[[body=html]]", 200],
    ["[[body=error]]", 200],
  ])("%s is a plain answer of status %i", async (words, status) => {
    const { raw } = await read(words);
    expect(raw.status).toBe(status);
    expect(raw.type).not.toContain("event-stream");
  });

  it("may hide a picture that was made and billed", async () => {
    const { simulated, prompt } = await read("[[504 billed]]");
    expect((await simulated.ledger(prompt)).calls).toMatchObject([{ status: 504, outcome: "billed" }]);
  });
});

describe("a stream on a difficult wire", () => {
  it.each(["\r\n", "\r"])("has line ends %j", async (end) => {
    const { raw } = await read(`[[line-ends=${end === "\r" ? "cr" : "crlf"}]]`);
    expect(namesIn(raw, end)).toEqual(whole);
    expect(raw.bytes.toString().split(end).join("")).not.toMatch(/[\r\n]/);
  });

  it("floods its client with comments, some letters of two and three bytes", async () => {
    const { raw } = await read("[[comments=500]]");
    const comments = raw.bytes
      .toString()
      .split("\n")
      .filter((line) => line.startsWith(":"));
    expect(comments).toHaveLength(500 * 4);
    expect(Buffer.byteLength(comments[0]!)).toBeGreaterThan(comments[0]!.length);
    expect(namesIn(raw)).toEqual(whole);
  });

  it.each(["[[chunk=1 comments=2]]", "[[chunk=7]]", "[[rate=2000000]]"])(
    "comes in pieces by %s",
    async (words) => {
      const { raw } = await read(words);
      expect(raw.ended).toBe(true);
      expect(namesIn(raw)).toEqual(whole);
    },
  );
});

import sharp from "sharp";
import { describe, expect, it } from "vitest";
import type { Job } from "../../src/contracts/http-api.ts";
import { useSharedDarkroom } from "../support/darkroom.ts";

const darkroom = useSharedDarkroom();
const bytesOf = async (url: string) => Buffer.from(await (await fetch(url)).arrayBuffer());

describe.each([
  { model: "dall-e-2", n: 2, size: "512x512" },
  { model: "dall-e-3", n: 4, size: "1792x1024", quality: "hd", style: "vivid" },
  { model: "gpt-image-1", n: 2, size: "1024x1536" },
])("a job of $model", (imageParams) => {
  it("ends with every image stored, of the very size that was asked", async () => {
    const job = await darkroom.run({ prompt: "a lighthouse at noon", ...imageParams });
    expect(job).toMatchObject({ status: "succeeded", model: imageParams.model, progress: 1, failures: [] });
    expect(job.images.map(({ index }) => index)).toEqual(
      Array.from({ length: imageParams.n }, (_, index) => index),
    );
    for (const image of job.images) {
      const bytes = await bytesOf(image.url);
      const { width, height, format } = await sharp(bytes).metadata();
      expect(`${width}x${height} ${format}`).toBe(`${imageParams.size} png`);
      expect(image).toMatchObject({ width, height, bytes: bytes.byteLength, content_type: "image/png" });
    }
    const digests = new Set(job.images.map(({ sha256 }) => sha256));
    expect(digests.size).toBe(imageParams.n);
  });
});

describe("a reply", () => {
  it("of 202 holds the whole job, an absolute signed Location and a Retry-After", async () => {
    const reply = await darkroom.post({ model: "dall-e-3", prompt: "a kite" });
    const job = (await reply.json()) as Job;
    expect(reply.status).toBe(202);
    expect(job).toMatchObject({
      status: "queued",
      progress: 0,
      images: [],
      failures: [],
      request: { prompt: "a kite", n: 1 },
    });
    expect(reply.headers.get("location")).toMatch(
      new RegExp(`^${darkroom.running.url}/api/jobs/${job.id}/result\\?.*signature=`),
    );
    expect(Number(reply.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(reply.headers.get("x-request-id")).toBeTruthy();
  });

  it("to Prefer: wait is 200 with the finished job, or 202 when the time is up", async () => {
    const imageParams = { model: "dall-e-3", prompt: "a quick fox" };
    const quick = await darkroom.post(imageParams, { prefer: "wait=60" });
    expect(quick.status).toBe(200);
    expect(await quick.json()).toMatchObject({ status: "succeeded", images: [{ index: 0 }] });
    const slow = await darkroom.post(
      { ...imageParams, prompt: "a slow fox [[latency=4000]]" },
      { prefer: "wait=1" },
    );
    expect(slow.status).toBe(202);
    expect(slow.headers.get("preference-applied")).toBe("wait=1");
    expect(await slow.json()).toMatchObject({ status: "running" });
  });
});

describe("the signed Location", () => {
  it("leads a poller without credentials from 202 to the finished job", async () => {
    const reply = await darkroom.post({ model: "dall-e-3", prompt: "a poller [[latency=1000]]" });
    const location = reply.headers.get("location") ?? "";
    const first = await fetch(location);
    expect(first.status).toBe(202);
    expect(first.headers.get("location")).toContain("/result?");
    const job = (await reply.json()) as Job;
    await darkroom.ended(job.id);
    const last = await fetch(location);
    expect(last.status).toBe(200);
    expect(await last.json()).toMatchObject({ id: job.id, status: "succeeded" });
  });

  it("opens no other job, and nothing once it is changed", async () => {
    const [mine, other] = [
      await darkroom.accept({ prompt: "one" }),
      await darkroom.accept({ prompt: "two" }),
    ];
    const { result } = mine.links;
    expect((await fetch(result.replace(mine.id, other.id))).status).toBe(401);
    expect(
      (
        await fetch(
          result.replace(/signature=./, (found) => (found.endsWith("A") ? "signature=B" : "signature=A")),
        )
      ).status,
    ).toBe(401);
    expect((await fetch(result.replace(/expires=\d/, "expires=9"))).status).toBe(401);
  });
});

describe("an image", () => {
  it("has a link that opens without credentials, and not once a character is changed", async () => {
    const job = await darkroom.run({ model: "dall-e-3", prompt: "a locked door" });
    const url = job.images[0]?.url ?? "";
    expect((await fetch(url)).status).toBe(200);
    const tampered = url.replace(/sig=(.)/, (_, first: string) => `sig=${first === "A" ? "B" : "A"}`);
    expect((await fetch(tampered)).status).toBe(403);
  });

  it("has an address of its own that leads to a fresh link", async () => {
    const job = await darkroom.run({ model: "dall-e-3", prompt: "a signpost" });
    const reply = await darkroom.fetch(job.images[0]?.content_url ?? "");
    expect(reply.status).toBe(302);
    expect((await bytesOf(reply.headers.get("location") ?? "")).byteLength).toBe(job.images[0]?.bytes);
  });

  it.each([256, 512])("has a webp thumbnail of %i pixels, even before one was made", async (side) => {
    const job = await darkroom.run({ model: "dall-e-3", prompt: "a small painting", size: "1792x1024" });
    const reply = await darkroom.fetch(`${job.images[0]?.content_url ?? ""}?thumbnail=${side}`);
    const { width, height, format } = await sharp(
      await bytesOf(reply.headers.get("location") ?? ""),
    ).metadata();
    expect([width, format]).toEqual([side, "webp"]);
    expect(height).toBeLessThan(side);
  });

  it("of 256 pixels keeps its size in a thumbnail of 512: nothing is enlarged", async () => {
    const job = await darkroom.run({ model: "dall-e-2", prompt: "a stamp", size: "256x256" });
    const reply = await darkroom.fetch(`/api/jobs/${job.id}/images/0?thumbnail=512`);
    expect((await sharp(await bytesOf(reply.headers.get("location") ?? "")).metadata()).width).toBe(256);
  });

  it("is lettered with the prompt that the service says it used", async () => {
    const job = await darkroom.run({ model: "dall-e-3", prompt: "a revised thought" });
    expect(job.images[0]?.revised_prompt).toContain("a revised thought");
  });
});

it("a prompt to be used as it is goes upstream behind the documented instruction", async () => {
  await darkroom.run({ model: "dall-e-3", prompt: "plain-cube", prompt_mode: "as_is" });
  const [call] = await darkroom.calls("plain-cube");
  expect(call?.prompt).toMatch(/^I NEED to test .* AS-IS: plain-cube$/);
});

it("tags and metadata come back with the job", async () => {
  const job = await darkroom.run({ prompt: "a labelled box", tags: ["box"], metadata: { order: "7" } });
  expect(job).toMatchObject({ tags: ["box"], metadata: { order: "7" } });
});

it("models are listed with what they can do and where they run", async () => {
  const reply = (await (await darkroom.fetch("/api/models")).json()) as { models: { model: string }[] };
  expect(reply.models.map(({ model }) => model)).toEqual([
    "dall-e-3",
    "dall-e-2",
    "gpt-image-1",
    "gpt-image-2",
  ]);
  expect(reply.models[0]).toMatchObject({
    deployments: ["dalle3"],
    sizes: ["1024x1024", "1792x1024", "1024x1792"],
    max_images: 10,
  });
});

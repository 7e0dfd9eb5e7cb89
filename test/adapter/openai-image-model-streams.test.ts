import { createHash } from "node:crypto";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import type { ImageRequest } from "../../src/domain/image-request.ts";
import { recogniseImage } from "../../src/domain/image-format/media-type.ts";
import type { EditFiles, OnPartial, PartialImage } from "../../src/ports/image-model.ts";
import { imagesOf, never, useSimulator } from "../support/image-service.ts";
import { useScriptedService } from "../support/scripted-service.ts";

const { modelAt, ledger } = useSimulator();
const scripted = useScriptedService();

const imageParams = (prompt: string, change: Partial<ImageRequest> = {}): ImageRequest => ({
  prompt,
  n: 1,
  size: "1024x1024",
  quality: "low",
  output_format: "png",
  stream: true,
  partial_images: 3,
  ...change,
});

const teal = await sharp({ create: { width: 64, height: 64, channels: 3, background: "teal" } })
  .png()
  .toBuffer();
const files: EditFiles = { images: [new File([teal], "image-0.png", { type: "image/png" })] };

type Road = "render" | "edit";
const roads: Road[] = ["render", "edit"];
// Small pictures, where only their number and order matter.
const tiny = "[[image-size=16x16]]";

function call(road: Road, request: ImageRequest, onPartial: OnPartial, signal = never) {
  const model = modelAt("gpt-image-1");
  return road === "render"
    ? model.render(request, 1, signal, onPartial)
    : model.edit(request, files, 1, signal, onPartial);
}

/** The reply, or what was thrown, and the partial images that came before it. */
async function stream(road: Road, prompt: string, change: Partial<ImageRequest> = {}) {
  const partials: PartialImage[] = [];
  const keep: OnPartial = (partial) => Promise.resolve(void partials.push(partial));
  const reply = await call(road, imageParams(prompt, change), keep).catch((error: unknown) => error);
  return { reply, partials, steps: partials.map(({ step }) => step) };
}

describe.each(roads)("a streamed %s", (road) => {
  it("hands on the partial images in order, each a picture, and ends with the image and its tokens", async () => {
    const { reply, partials, steps } = await stream(road, `a lighthouse by ${road}`);
    expect(steps).toEqual([0, 1, 2]);
    for (const { position, bytes } of partials) {
      expect(position).toBe(0);
      expect(await sharp(bytes).metadata()).toMatchObject({ format: "png", width: 1024, height: 1024 });
    }
    const items = imagesOf(reply as Awaited<ReturnType<typeof call>>);
    expect(items).toHaveLength(1);
    expect(items[0]?.kind === "image" && recogniseImage(items[0].bytes)).toBe("png");
    expect(reply).toMatchObject({ usage: { output_tokens: 272 } });
    expect(await ledger(`a lighthouse by ${road}`)).toMatchObject([
      { status: 200, images_billed: 1, client_hung_up: false },
    ]);
  });

  it.each([
    [0, []],
    [1, [0]],
    [2, [0, 1]],
  ])("of partial_images %s brings those and the image", async (partial_images, expected) => {
    const change = { partial_images };
    const { reply, steps } = await stream(road, `few by ${road} ${tiny}`, change);
    expect(reply).toMatchObject({ kind: "images" });
    expect(steps).toEqual(expected);
  });

  it.each([
    ["[[partials=1]]", [0]],
    ["[[partials=0]]", []],
    ["[[duplicate=1]]", [0, 1, 1, 2]],
    ["[[line-ends=crlf]]", [0, 1, 2]],
    ["[[line-ends=cr]]", [0, 1, 2]],
    ["[[comments=2000]]", [0, 1, 2]],
    ["[[comments=3 chunk=1]]", [0, 1, 2]],
    ["[[cut=event:4]]", [0, 1, 2]],
    ["[[stall=event:4]]", [0, 1, 2]],
    ["[[stream=ignored]]", []],
  ])("%s is read all the same", async (words, expected) => {
    const { reply, steps } = await stream(road, `easy by ${road} ${words} ${tiny}`);
    expect(reply).toMatchObject({ kind: "images", items: [{ kind: "image" }] });
    expect(steps).toEqual(expected);
  });

  it.each([
    ["[[cut=before]]", []],
    ["[[cut=headers]]", []],
    ["[[cut=event:0.5]]", []],
    ["[[cut=event:1]]", [0]],
    ["[[cut=event:1.5]]", [0]],
    ["[[cut=event:2]]", [0, 1]],
    ["[[cut=event:2.5]]", [0, 1]],
    ["[[cut=event:3]]", [0, 1, 2]],
    ["[[cut=event:3.5]]", [0, 1, 2]],
    ["[[ending=none]]", [0, 1, 2]],
    ["[[ending=broken]]", [0, 1, 2]],
    ["[[ending=error partials=1]]", [0]],
    ["[[body=html]]", []],
    ["[[body=none]]", []],
    ["[[body=error]]", []],
    ["[[empty partials=0]]", []],
    ["[[504]]", []],
  ])("%s leaves it open whether it is billed", async (words, expected) => {
    const { reply, steps } = await stream(road, `canary-4714 by ${road} ${words} ${tiny}`);
    expect(reply).toMatchObject({ name: "AppError", code: "upstreamUnavailable", mayBeBilled: true });
    expect((reply as Error).message).not.toContain("canary");
    expect(steps).toEqual(expected);
  });

  it.each([
    ["[[refuse]]", { kind: "refused" }, []],
    ["[[refuse=output partials=2]]", { kind: "refused", failure: { code: "contentFilter" } }, [0, 1]],
    ["[[refuse=output dialect=contentFilter partials=1]]", { kind: "refused" }, [0]],
    ["[[ending=error code=rate_limit_exceeded partials=1]]", { kind: "unavailable", mayBeBilled: true }, [0]],
    ["[[ending=error code=rate_limit_exceeded partials=0]]", { kind: "throttled", retryAfterMs: 0 }, []],
    ["[[ending=error code=insufficient_quota partials=0]]", { kind: "accountBlocked" }, []],
    ["[[429=4]]", { kind: "throttled", retryAfterMs: 4_000 }, []],
    ["[[403]]", { kind: "accountBlocked" }, []],
    ["[[503]]", { kind: "unavailable", mayBeBilled: false }, []],
  ])("%s is sorted as %j", async (words, expected, heard) => {
    const { reply, steps } = await stream(road, `told by ${road} ${words} ${tiny}`);
    expect(reply).toMatchObject(expected);
    expect(steps).toEqual(heard);
  });

  it("is left at once by its signal, and the service sees it go", async () => {
    const leaving = new AbortController();
    const prompt = `left by ${road} [[stall=event:1]] ${tiny}`;
    const listen = () => {
      leaving.abort();
      return Promise.resolve();
    };
    const left = call(road, imageParams(prompt), listen, leaving.signal);
    await expect(left).rejects.toMatchObject({ code: "upstreamUnavailable", mayBeBilled: true });
    await expect.poll(() => ledger(prompt)).toMatchObject([{ client_hung_up: true, images_billed: 1 }]);
  });

  it("is ended by the one who listens, whose error comes through as it is", async () => {
    const mine = new Error("the store is gone");
    const prompt = `thrown by ${road} [[stall=event:1]] ${tiny}`;
    await expect(call(road, imageParams(prompt), () => Promise.reject(mine))).rejects.toBe(mine);
    await expect.poll(() => ledger(prompt)).toMatchObject([{ client_hung_up: true }]);
  });
});

describe("what is sent", () => {
  it("for a generation is exactly this", async () => {
    const service = await scripted(() => ({ close: true }));
    const model = modelAt("gpt-image-1", { endpoint: service.url });
    await model.render(imageParams("a pier", { partial_images: 2 }), 1, never).catch(() => undefined);
    expect(service.requests).toHaveLength(1);
    expect(JSON.parse(service.requests[0]!.body)).toEqual({
      prompt: "a pier",
      n: 1,
      size: "1024x1024",
      quality: "low",
      output_format: "png",
      stream: true,
      partial_images: 2,
    });
  });

  it("for an edit says the same in a form", async () => {
    await stream("edit", `form fields ${tiny}`, { partial_images: 2 });
    const [sent] = await ledger("form fields");
    const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
    const parts = new Map(sent?.parts?.map((part) => [part.name, part.sha256]));
    expect([parts.get("stream"), parts.get("partial_images")]).toEqual([sha256("true"), sha256("2")]);
    expect([...parts.keys()].sort()).toEqual(
      ["image[]", "n", "output_format", "partial_images", "prompt", "quality", "size", "stream"].sort(),
    );
  });

  it("without a number of partial images leaves it to the service", async () => {
    const service = await scripted(() => ({ close: true }));
    const request: ImageRequest = { prompt: "a mole", n: 1, size: "1024x1024", stream: true };
    await modelAt("gpt-image-1", { endpoint: service.url })
      .render(request, 1, never)
      .catch(() => undefined);
    expect(JSON.parse(service.requests[0]!.body)).not.toHaveProperty("partial_images");
  });

  it("to a model that can't stream asks for a plain answer", async () => {
    const request: ImageRequest = {
      prompt: "no stream here",
      n: 1,
      size: "1024x1024",
      stream: true,
      partial_images: 1,
    };
    expect(imagesOf(await modelAt("dall-e-3").render(request, 1, never))).toHaveLength(1);
  });
});

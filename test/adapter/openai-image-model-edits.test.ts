import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import sharp, { type Color } from "sharp";
import { describe, expect, it } from "vitest";
import type { ImageRequest } from "../../src/domain/image-request.ts";
import { recogniseImage } from "../../src/domain/image-format/media-type.ts";
import type { EditFiles } from "../../src/ports/image-model.ts";
import { tempInputFiles } from "../../src/adapters/storage/input-files.ts";
import { imagesOf, never, useSimulator } from "../support/image-service.ts";

const { modelAt, ledger, url } = useSimulator();

const paint = (background: Color, side = 64) =>
  sharp({ create: { width: side, height: side, channels: 4, background } });
const red = await paint("#c21").png().toBuffer();
const green = await paint("#2c1").removeAlpha().jpeg().toBuffer();
const blue = await paint("#12c", 32).png().toBuffer();
/** Clear in its left half. */
const half = await sharp({ create: { width: 32, height: 64, channels: 4, background: "#0000" } })
  .extend({ right: 32, background: "#000" })
  .png()
  .toBuffer();

const png = (bytes: Uint8Array<ArrayBuffer>, name = "image-0.png") =>
  new File([bytes], name, { type: "image/png" });
const jpeg = (bytes: Uint8Array<ArrayBuffer>, name: string) =>
  new File([bytes], name, { type: "image/jpeg" });
const one: EditFiles = { images: [png(red)] };
const sha256 = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");

const imageParams = (prompt: string, change: Partial<ImageRequest> = {}): ImageRequest => ({
  prompt,
  n: 1,
  size: "1024x1024",
  quality: "low",
  output_format: "png",
  ...change,
});

const edit = (prompt: string, files = one, signal = never) =>
  modelAt("gpt-image-1").edit(imageParams(prompt), files, 1, signal);

async function partsOf(prompt: string) {
  const calls = await ledger(prompt);
  expect(calls).toHaveLength(1);
  return calls[0]?.parts ?? [];
}

const sentFile = (name: string, file_name: string, content_type: string, bytes: Uint8Array) => ({
  name,
  file_name,
  content_type,
  length: bytes.length,
  sha256: sha256(bytes),
});

/** The images in the order sent, then the mask, which may travel before them. */
async function filesOf(prompt: string) {
  const files = (await partsOf(prompt)).filter(({ file_name }) => file_name !== undefined);
  const isMask = ({ name }: { name: string }) => name === "mask";
  return [...files.filter((file) => !isMask(file)), ...files.filter(isMask)];
}

describe("an edit", () => {
  const sentRed = sentFile("image[]", "image-0.png", "image/png", red);
  const sentMask = sentFile("mask", "mask.png", "image/png", half);

  it("sends its image and mask byte for byte, by the names of the service's own pages", async () => {
    await edit("a door", { images: [png(red)], mask: png(half, "mask.png") });
    expect(await filesOf("a door")).toEqual([sentRed, sentMask]);
  });

  it("sends several images in their order, each with its type", async () => {
    const images = [png(red), jpeg(green, "image-1.jpg"), png(blue, "image-2.png")];
    await edit("three windows", { images });
    expect(await filesOf("three windows")).toEqual([
      sentRed,
      sentFile("image[]", "image-1.jpg", "image/jpeg", green),
      sentFile("image[]", "image-2.png", "image/png", blue),
    ]);
  });

  it("sends files from disk as they were stored", async () => {
    const stored: Record<string, Uint8Array> = { red, half };
    const input = (blob: string) => {
      const bytes = stored[blob]?.length ?? 0;
      return { blob, contentType: "image/png", width: 64, height: 64, bytes, sha256: "" };
    };
    const open = async ({ blob }: { blob: string }) => Readable.from([stored[blob]]);
    const borrowed = await tempInputFiles({ open }).borrow({ images: [input("red")], mask: input("half") });
    await edit("from disk", borrowed);
    await borrowed.release();
    expect(await filesOf("from disk")).toEqual([sentRed, sentMask]);
  });

  it("sends what is asked as text, and nothing that isn't", async () => {
    const asked = {
      size: "1536x1024",
      quality: "medium",
      background: "opaque",
      output_format: "jpeg",
      output_compression: 80,
      input_fidelity: "high",
      user: "someone",
    } as const;
    const request = imageParams("every field", { ...asked, mask_mode: "resize", mask_invert: true });
    await modelAt("gpt-image-1").edit(request, one, 2, never);
    const texts = (await partsOf("every field")).filter(({ file_name }) => file_name === undefined);
    const sent = { ...asked, prompt: "every field", n: 2 };
    expect(Object.fromEntries(texts.map(({ name, ...part }) => [name, part.sha256]))).toEqual(
      Object.fromEntries(Object.entries(sent).map(([name, value]) => [name, sha256(String(value))])),
    );
  });

  it("goes to its deployment on Azure", async () => {
    await edit("by deployment");
    expect(await ledger("by deployment")).toMatchObject([
      {
        route: "edit",
        path: "/openai/deployments/gpt-image/images/edits",
        model: "gpt-image-1",
        status: 200,
      },
    ]);
  });

  it("names its model where the deployment is OpenAI's own", async () => {
    const upstream = { kind: "openai", endpoint: `${url()}/v1`, upstreamName: "gpt-image-1-mini" } as const;
    await modelAt("gpt-image-1-mini", upstream).edit(imageParams("by model"), one, 1, never);
    expect(await ledger("by model")).toMatchObject([
      { route: "edit", path: "/v1/images/edits", model: "gpt-image-1-mini", status: 200 },
    ]);
  });

  it("brings its images and the tokens they cost", async () => {
    const reply = await modelAt("gpt-image-1").edit(imageParams("two gates", { n: 2 }), one, 2, never);
    expect(imagesOf(reply).map((item) => item.kind === "image" && recogniseImage(item.bytes))).toEqual([
      "png",
      "png",
    ]);
    expect(reply).toMatchObject({ usage: { total_tokens: expect.any(Number) as number } });
  });

  it("is made once, whatever becomes of it", async () => {
    await expect(edit("one try [[500]]")).rejects.toThrow("500");
    expect(await ledger("one try")).toHaveLength(1);
  });
});

describe("an edit's end", () => {
  it("is a refusal, told from every other 400", async () => {
    const reply = await edit("canary-4713 [[refuse]]");
    expect(reply).toMatchObject({ kind: "refused", failure: { code: "contentFilter", retryable: false } });
    expect(JSON.stringify(reply)).not.toContain("canary-4713");
  });

  it("is a wait that the service asks for", async () => {
    expect(await edit("busy [[429=4]]")).toEqual({ kind: "throttled", retryAfterMs: 4_000 });
  });

  it.each([
    ["an image that is none", { images: [png(Buffer.from("no image"))] }, "Invalid image file"],
    ["a type it doesn't take", { images: [new File([red], "a.gif", { type: "image/gif" })] }, "mimetype"],
    [
      "a mask of another size",
      { images: [png(red)], mask: png(blue, "mask.png") },
      "mask size does not match",
    ],
  ])("is what the service says of %s, without the prompt", async (_what, files, words) => {
    const reply = await edit("canary-4714", files);
    expect(reply).toMatchObject({
      kind: "rejected",
      failure: { code: "upstreamRejected", message: expect.stringContaining(words) as string },
    });
    expect(JSON.stringify(reply)).not.toContain("canary-4714");
  });

  it("is a service that isn't there, by its own word", async () => {
    expect(await edit("away [[503]]")).toMatchObject({ kind: "unavailable", mayBeBilled: false });
  });

  it.each(["[[cut=arrival]]", "[[cut=before]]", "[[cut=headers]]", "[[cut=50%]]", "[[504]]", "[[empty]]"])(
    "%s is a doubt about the bill",
    async (words) => {
      const failure = { name: "AppError", code: "upstreamUnavailable", mayBeBilled: true };
      await expect(edit(`trouble ${words}`)).rejects.toMatchObject(failure);
    },
  );

  it("is its signal's, and then nobody knows the bill", async () => {
    const call = edit("patience [[latency=60000]]", one, AbortSignal.timeout(50));
    await expect(call).rejects.toMatchObject({ code: "upstreamUnavailable", mayBeBilled: true });
  });
});

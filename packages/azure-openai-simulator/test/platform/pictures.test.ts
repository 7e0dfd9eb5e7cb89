import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { aPrompt, dataOf, inspect, simulate, type Simulated } from "./support.ts";

async function pictures(simulated: Simulated, prompt: string, more: object = {}): Promise<Buffer[]> {
  const answer = await simulated.gptImage(prompt, { quality: "low", ...more });
  return dataOf(answer).map(({ b64_json }) => Buffer.from(b64_json!, "base64"));
}

/** Brightest and darkest grey in a region, each as a share of white. */
async function contrast(file: Buffer, region: { left: number; top: number; width: number; height: number }) {
  const cut = await sharp(file).extract(region).greyscale().png().toBuffer();
  const [grey] = (await sharp(cut).stats()).channels;
  return { darkest: grey!.min / 255, brightest: grey!.max / 255, spread: grey!.stdev };
}

describe("a picture", () => {
  it.each([
    ["gpt-image", { size: "1024x1536" }, "png", 1024, 1536],
    ["gpt-image", { size: "1536x1024", output_format: "jpeg" }, "jpeg", 1536, 1024],
    ["gpt-image", { size: "auto" }, "png", 1024, 1024],
    ["gpt-image-2", { size: "1600x560" }, "png", 1600, 560],
    ["gpt-image-2", { size: "3840x2160", output_format: "jpeg" }, "jpeg", 3840, 2160],
  ])("of %s %j is a whole file of that format and size", async (model, more, format, width, height) => {
    const simulated = await simulate();
    const [file] = await pictures(simulated, aPrompt(), { model, ...more });
    expect(await inspect(file!)).toMatchObject({ format, width, height });
  });

  it.each(["256x256", "512x512", "1024x1024"])("of DALL-E 2 is %s when asked", async (size) => {
    const simulated = await simulate();
    const body = { prompt: aPrompt(), size, response_format: "b64_json" };
    const headers = { authorization: `Bearer ${simulated.apiKey}` };
    const [item] = dataOf(await simulated.send("POST", "/v1/images/generations", body, headers));
    const { width, height } = await inspect(Buffer.from(item!.b64_json!, "base64"));
    expect(`${width}x${height}`).toBe(size);
  });

  it("has letters in its middle and a caption in its corner that stand out", async () => {
    const simulated = await simulate();
    const [file] = await pictures(simulated, aPrompt());
    const middle = { left: 205, top: 410, width: 614, height: 204 };
    const corner = { left: 20, top: 950, width: 200, height: 60 };
    for (const region of [middle, corner]) {
      const { darkest, brightest } = await contrast(file!, region);
      expect(brightest).toBeGreaterThan(0.97);
      expect(darkest).toBeLessThan(0.3);
    }
    // Letters cover a good part of the middle: neither a speck nor a blank plate.
    expect((await contrast(file!, middle)).spread).toBeGreaterThan(40);
  });

  it("has a background of many colours", async () => {
    const simulated = await simulate();
    const [file] = await pictures(simulated, aPrompt());
    const top = await sharp(file).extract({ left: 0, top: 0, width: 1024, height: 200 }).raw().toBuffer();
    const colours = new Set<number>();
    for (let at = 0; at < top.length; at += 3) colours.add(top.readUIntBE(at, 3));
    expect(colours.size).toBeGreaterThan(50);
  });

  it("differs by slot, by call and by prompt, and is the same again under one seed", async () => {
    const simulated = await simulate();
    const prompt = aPrompt();
    const [first, second] = await pictures(simulated, prompt, { n: 2 });
    const [third] = await pictures(simulated, prompt);
    const sky = { left: 0, top: 0, width: 1024, height: 300 };
    const skies = [first, second, third].map((file) => sharp(file).extract(sky).raw().toBuffer());
    expect(new Set((await Promise.all(skies)).map((pixels) => pixels.toString("base64"))).size).toBe(3);
    const seeded = `${prompt} [[seed=7]]`;
    const [once] = await pictures(simulated, seeded);
    const [again] = await pictures(simulated, seeded);
    const [other] = await pictures(simulated, `${prompt} by night [[seed=7]]`);
    expect(once!.equals(again!)).toBe(true);
    expect(once!.equals(other!)).toBe(false);
  });

  it("is clear in its corners when asked, and has no alpha otherwise", async () => {
    const simulated = await simulate();
    const [clear] = await pictures(simulated, aPrompt("[[seed=1]]"), { background: "transparent" });
    const [solid] = await pictures(simulated, aPrompt("[[seed=1]]"));
    expect((await inspect(solid!)).hasAlpha).toBe(false);
    const { data, info } = await sharp(clear).raw().toBuffer({ resolveWithObject: true });
    expect(info.channels).toBe(4);
    const alphas = new Set<number>();
    for (let at = 3; at < data.length; at += 4) alphas.add(data[at]!);
    expect([alphas.has(0), alphas.has(255)]).toEqual([true, true]);
  });

  it.each(["png", "jpeg"])("weighs what it is told as %s and still decodes", async (output_format) => {
    const simulated = await simulate();
    const [file] = await pictures(simulated, aPrompt("[[bytes=4000000]]"), { output_format });
    expect(file!.length).toBe(4_000_000);
    expect(await inspect(file!)).toMatchObject({ format: output_format, width: 1024 });
  });

  it("is lettered whatever the prompt: nothing visible, markup, emoji, thousands of letters", async () => {
    const simulated = await simulate();
    for (const prompt of ["\u200b", "\u00ad \u2800", "<b>&amp;</i>", "😀", "\ud800", "W".repeat(4000)]) {
      const [file] = await pictures(simulated, prompt);
      expect(await inspect(file!)).toMatchObject({ width: 1024 });
    }
  });
});

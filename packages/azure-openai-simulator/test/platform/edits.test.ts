import sharp from "sharp";
import { describe, expect, it } from "vitest";
import {
  differing,
  editPath,
  file,
  formOf,
  hole,
  input,
  isInHole,
  mask,
  plain,
  post,
} from "./edit-support.ts";
import { aPrompt, dataOf, inspect, simulate } from "./support.ts";

function pictureOf(item: { b64_json?: string } | undefined): Buffer {
  return Buffer.from(item!.b64_json!, "base64");
}

const everywhere = () => true;
const version = "2025-04-01-preview";

describe("the openai client", () => {
  it("edits one file on an Azure deployment", async () => {
    const simulated = await simulate();
    const picture = await input();
    const reply = await simulated
      .azure("gpt-image", version)
      .images.edit({ image: file(picture), prompt: aPrompt(), size: "1024x1024", n: 2, quality: "low" });
    expect(reply).toMatchObject({ size: "1024x1024", quality: "low", output_format: "png" });
    expect(reply.data).toHaveLength(2);
    expect(reply.usage).toMatchObject({
      output_tokens: 2 * 272,
      input_tokens_details: { image_tokens: 194 },
    });
    const [first, second] = reply.data!.map(pictureOf);
    expect(await inspect(first!)).toMatchObject({
      format: "png",
      width: 1024,
      height: 1024,
      hasAlpha: false,
    });
    expect(await differing(first!, second!, everywhere)).toBeGreaterThan(100_000);
  });

  it("edits an array of files with a mask, and only inside the mask", async () => {
    const simulated = await simulate();
    const picture = await input();
    const others = [await plain("red", { width: 90, height: 40 }), await input("jpeg")];
    const prompt = aPrompt();
    const reply = await simulated.openai("/openai/v1").images.edit({
      model: "gpt-image",
      image: [file(picture), file(others[0]!, "image/png", "b.png"), file(others[1]!, "image/jpeg", "c.jpg")],
      mask: file(await mask(), "image/png", "mask.png"),
      prompt,
      size: "1024x1024",
      input_fidelity: "high",
    });
    const edited = pictureOf(reply.data![0]);
    expect(await differing(picture, edited, (x, y) => !isInHole(x, y))).toBe(0);
    expect(await differing(picture, edited, isInHole)).toBeGreaterThan(hole.width * hole.height * 0.98);
    expect((await simulated.ledger(prompt)).calls).toMatchObject([
      {
        route: "edit",
        input_images: 3,
        mask: true,
        parts: expect.arrayContaining([expect.objectContaining({ name: "image[]" })]) as unknown,
      },
    ]);
  });

  it("uses OpenAI's own path, its default model and WebP", async () => {
    const simulated = await simulate();
    const image = file(await input("webp"), "image/webp", "in.webp");
    const client = simulated.openai("/v1");
    const reply = await client.images.edit({ image, prompt: aPrompt(), output_format: "webp" });
    expect(await inspect(pictureOf(reply.data![0]))).toMatchObject({ format: "webp", width: 1024 });
    expect((await simulated.ledger()).calls).toMatchObject([{ model: "gpt-image-1.5" }]);
  });
});

describe("an edited picture", () => {
  it("shows the others inside the mask: red, green and blue", async () => {
    const simulated = await simulate();
    const images = await Promise.all(["white", "red", "lime", "blue"].map((colour) => plain(colour)));
    const fields = images.map((bytes) => ["image[]", file(bytes)] as const);
    const form = await formOf(...fields, ["mask", file(await mask())], ["size", "1024x1024"]);
    const [item] = dataOf(await post(simulated, form));
    const region = await sharp(pictureOf(item)).extract(hole).removeAlpha().raw().toBuffer();
    const colours = new Set<number>();
    for (let at = 0; at < region.length; at += 3) colours.add(region.readUIntBE(at, 3));
    for (const colour of [0xff0000, 0x00ff00, 0x0000ff]) expect(colours).toContain(colour);
  });

  it("has the prompt lettered inside the mask, in white on dark", async () => {
    const simulated = await simulate();
    const form = await formOf(
      ["image", file(await plain("teal"))],
      ["mask", file(await mask())],
      ["size", "1024x1024"],
    );
    const [item] = dataOf(await post(simulated, form));
    const inside = await sharp(pictureOf(item)).extract(hole).greyscale().png().toBuffer();
    const [grey] = (await sharp(inside).stats()).channels;
    expect(grey!.max).toBeGreaterThan(247);
    expect(grey!.min).toBeLessThan(77);
  });

  it("is restyled all over without a mask, and still shows its input", async () => {
    const simulated = await simulate();
    const left = await plain("white", { width: 512, height: 1024 });
    const halves = await sharp(await plain("black"))
      .composite([{ input: left, left: 0, top: 0 }])
      .png()
      .toBuffer();
    const [item] = dataOf(
      await post(simulated, await formOf(["image", file(halves)], ["size", "1024x1024"])),
    );
    const edited = pictureOf(item);
    expect(await differing(halves, edited, everywhere)).toBeGreaterThan(1024 * 1024 * 0.9);
    const brightness = async (left: number) => {
      const cut = await sharp(edited)
        .extract({ left, top: 0, width: 400, height: 200 })
        .greyscale()
        .toBuffer();
      return (await sharp(cut).stats()).channels[0]!.mean;
    };
    expect((await brightness(50)) - (await brightness(570))).toBeGreaterThan(60);
  });

  it("differs by prompt and by slot inside the mask, and is the same again under one seed", async () => {
    const simulated = await simulate();
    const picture = file(await plain("teal"));
    const cover = file(await mask());
    const edited = async (prompt: string) => {
      const form = await formOf(["image", picture], ["mask", cover], ["prompt", prompt], ["n", "2"]);
      return dataOf(await post(simulated, form)).map(pictureOf);
    };
    const prompt = aPrompt("[[seed=7]]");
    const [first, second] = await edited(prompt);
    const [again] = await edited(prompt);
    const [other] = await edited(aPrompt("[[seed=7]]"));
    expect(first!.equals(again!)).toBe(true);
    for (const different of [second!, other!]) {
      expect(await differing(first!, different, isInHole)).toBeGreaterThan(50_000);
      expect(await differing(first!, different, (x, y) => !isInHole(x, y))).toBe(0);
    }
  });

  it("keeps what is clear outside the mask clear", async () => {
    const simulated = await simulate();
    const clear = await sharp({ create: { width: 1024, height: 1024, channels: 4, background: "#00800000" } })
      .png()
      .toBuffer();
    const form = await formOf(["image", file(clear)], ["mask", file(await mask())], ["size", "1024x1024"]);
    const [item] = dataOf(await post(simulated, form));
    const edited = await sharp(pictureOf(item)).raw().toBuffer();
    expect(edited.subarray(0, 4).equals(Buffer.from([0, 0x80, 0, 0]))).toBe(true);
  });

  it.each([
    [{ width: 300, height: 200 }, "auto", 1536, 1024],
    [{ width: 200, height: 300 }, "auto", 1024, 1536],
    [{ width: 70, height: 70 }, "1536x1024", 1536, 1024],
  ])("of an input %j at size %s is %ix%i", async (size, asked, width, height) => {
    const simulated = await simulate();
    const form = await formOf(
      ["image", file(await plain("teal", size))],
      ["size", asked],
      ["output_format", "jpeg"],
    );
    const answer = await post(simulated, form);
    expect(answer.body).toMatchObject({ size: `${width}x${height}`, output_format: "jpeg" });
    const [item] = dataOf(answer);
    expect(await inspect(pictureOf(item))).toMatchObject({ format: "jpeg", width, height });
  });

  it("is lettered also where the mask is a speck, and untouched where it opens nothing", async () => {
    const simulated = await simulate();
    const picture = await input();
    const speck = await sharp(Buffer.alloc(1024 * 1024 * 4, 255).fill(0, 0, 4), {
      raw: { width: 1024, height: 1024, channels: 4 },
    })
      .png()
      .toBuffer();
    const shut = await sharp(Buffer.alloc(1024 * 1024 * 4, 255), {
      raw: { width: 1024, height: 1024, channels: 4 },
    })
      .png()
      .toBuffer();
    for (const [cover, most] of [
      [speck, 1],
      [shut, 0],
    ] as const) {
      const form = await formOf(["image", file(picture)], ["mask", file(cover)], ["size", "1024x1024"]);
      const [item] = dataOf(await post(simulated, form));
      expect(await differing(picture, pictureOf(item), everywhere)).toBeLessThanOrEqual(most);
    }
  });
});

describe("DALL-E", () => {
  it("refuses edits by name on Azure and on OpenAI's path", async () => {
    const simulated = await simulate();
    const path = editPath.replace("gpt-image", "dalle3");
    expect(await post(simulated, await formOf(), { path })).toMatchObject({
      status: 400,
      body: {
        error: { code: "OperationNotSupported", message: expect.stringContaining("dall-e-3") as string },
      },
    });
    const image = file(await plain("teal"));
    const reply = simulated.openai("/v1").images.edit({ model: "dall-e-2", image, prompt: aPrompt() });
    await expect(reply).rejects.toMatchObject({ status: 400, code: "invalid_value", param: "model" });
  });
});

describe("an edit's address", () => {
  it.each([
    [editPath.replace("gpt-image", "nobody"), 404, "DeploymentNotFound"],
    [editPath.replace(version, "2024-10-21"), 404, "404"],
    ["/openai/v1/images/edits", 400, "missing_required_parameter"],
    [`/openai/images/edits?api-version=${version}`, 404, "404"],
  ])("%s is %i %s", async (path, status, code) => {
    const simulated = await simulate();
    expect(await post(simulated, await formOf(), { path })).toMatchObject({
      status,
      body: { error: { code } },
    });
  });
});

import { APIConnectionError } from "openai";
import { describe, expect, it } from "vitest";
import { editPath, file, formOf, mask, plain, post, sha256 } from "./edit-support.ts";
import { aPrompt, dataOf, inspect, simulate } from "./support.ts";

describe("the ledger of an edit", () => {
  it("knows every part as it was received, in order", async () => {
    const simulated = await simulate();
    const prompt = aPrompt("ÅÄÖ");
    const [one, two, cover] = [await plain("teal"), await plain("red"), await mask()];
    const form = await formOf(
      ["image[]", file(one, "image/png", "blob")],
      ["prompt", prompt],
      ["image[]", file(two, "image/png", "två/2.png")],
      ["mask", file(cover, "image/png", "m.png")],
      ["n", "2"],
    );
    expect((await post(simulated, form)).status).toBe(200);
    const { calls, totals } = await simulated.ledger(prompt);
    const png = { content_type: "image/png" };
    expect(calls).toMatchObject([
      {
        route: "edit",
        path: editPath.split("?")[0],
        model: "gpt-image-1",
        deployment: "gpt-image",
        prompt,
        status: 200,
        outcome: "billed",
        images_billed: 2,
        input_images: 2,
        mask: true,
        parts: [
          { ...png, name: "image[]", file_name: "blob", length: one.length, sha256: sha256(one) },
          { name: "prompt", length: Buffer.byteLength(prompt), sha256: sha256(prompt) },
          { ...png, name: "image[]", file_name: "två/2.png", sha256: sha256(two) },
          { ...png, name: "mask", file_name: "m.png", sha256: sha256(cover) },
          { name: "n", length: 1, sha256: sha256("2") },
        ],
      },
    ]);
    expect(totals).toMatchObject({ generations: 1, images_billed: 2 });
  });

  it("has the parts of an edit that was refused, and none of a generation", async () => {
    const simulated = await simulate();
    await post(simulated, await formOf(["prompt", aPrompt("[[503]]")]));
    await simulated.gptImage(aPrompt());
    const { calls } = await simulated.ledger();
    expect(calls).toMatchObject([
      { status: 503, input_images: 1, outcome: "not_billed" },
      { route: "generate" },
    ]);
    expect(calls[1]).not.toHaveProperty("parts");
  });
});

describe("a fault", () => {
  it.each([
    ["[[429=4]]", 429, { error: { code: "429" } }, 0],
    ["[[503 on=edit]]", 503, { error: { code: "ServiceUnavailable" } }, 0],
    ["[[504 billed]]", 504, { error: { code: "Timeout" } }, 1],
    ["[[503 on=generate]]", 200, { data: [{}] }, 1],
    ["[[refuse]]", 400, { error: { code: "moderation_blocked" } }, 0],
    ["[[refuse=output dialect=contentFilter]]", 400, { error: { code: "contentFilter" } }, 1],
    ["[[refuse-slots=0]]", 200, { data: [{ error: { code: "moderation_blocked" } }] }, 1],
    ["[[images=3]]", 200, { data: [{}, {}, {}] }, 3],
    ["[[empty]]", 200, { data: [] }, 0],
    ["[[body=error]]", 200, { error: { code: "InternalServerError" } }, 1],
    ["[[rate=5000000]]", 200, { data: [{}] }, 1],
  ])("%s strikes an edit: %i", async (words, status, body, billed) => {
    const simulated = await simulate();
    const prompt = aPrompt(words);
    const answer = await post(simulated, await formOf(["prompt", prompt]));
    expect(answer).toMatchObject({ status, body });
    expect((await simulated.ledger(prompt)).totals.images_billed).toBe(billed);
  });

  it.each(["[[cut=arrival]]", "[[cut=before]]", "[[cut=50%]]"])("%s resets the connection", async (words) => {
    const simulated = await simulate();
    const image = file(await plain("teal"));
    const edit = simulated
      .azure("gpt-image", "2025-04-01-preview")
      .images.edit({ image, prompt: aPrompt(words) });
    await expect(edit).rejects.toSatisfy(
      (error) => error instanceof APIConnectionError || String(error).includes("terminated"),
    );
  });

  it("changes the picture's weight, format and size", async () => {
    const simulated = await simulate();
    const pictureFor = async (words: string) => {
      const form = await formOf(["prompt", aPrompt(words)], ["image", file(await plain("teal"))]);
      form.append("mask", file(await mask()));
      const [item] = dataOf(await post(simulated, form));
      return Buffer.from(item!.b64_json!, "base64");
    };
    expect(await pictureFor("[[bytes=4000000]]")).toHaveLength(4_000_000);
    const other = await pictureFor("[[image-format=webp image-size=64x48]]");
    expect(await inspect(other)).toMatchObject({ format: "webp", width: 64, height: 48 });
    expect((await pictureFor("[[image-format=text]]")).toString()).toContain("not an image");
  });

  it("takes the time it is told", async () => {
    const simulated = await simulate();
    const before = Date.now();
    await post(simulated, await formOf(["prompt", aPrompt("[[latency=400]]")]));
    expect(Date.now() - before).toBeGreaterThanOrEqual(400);
  });

  it("comes from a rule over HTTP as well, for edits alone if it says so", async () => {
    const simulated = await simulate();
    await simulated.rules({ match: { route: "edit" }, fault: { status: 500 } });
    expect((await post(simulated, await formOf())).status).toBe(500);
    expect((await simulated.gptImage(aPrompt())).status).toBe(200);
  });
});

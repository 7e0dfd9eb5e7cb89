import { describe, expect, it } from "vitest";
import { UpstreamError } from "../../../../src/domain/app-error.ts";
import { readResponse } from "../../../support/read-response.ts";

const read = async (body: unknown) => {
  const text = body === undefined ? "" : JSON.stringify(body);
  return (await readResponse(new Response(text), { prompt: "SECRET-PROMPT", wanted: 9 })).reply;
};
const b64_json = Buffer.from("pixels").toString("base64");

describe("an answered generation", () => {
  it("brings each image, with the prompt it was drawn from", async () => {
    const reply = await read({ created: 1, data: [{ b64_json, revised_prompt: "finer" }, { b64_json }] });
    expect(reply).toEqual({
      kind: "images",
      items: [
        { kind: "image", bytes: Buffer.from("pixels"), revisedPrompt: "finer" },
        { kind: "image", bytes: Buffer.from("pixels") },
      ],
    });
  });

  it("brings its tokens where the service counts them", async () => {
    const counted = { input_tokens: 7, output_tokens: 20, total_tokens: 27 };
    const input_tokens_details = { text_tokens: 3, image_tokens: 4 };
    const usage = { ...counted, input_tokens_details: { ...input_tokens_details, more: 1 }, more: {} };
    expect(await read({ data: [{ b64_json }], usage })).toMatchObject({
      usage: { ...counted, input_tokens_details },
    });
  });

  it.each([null, "many", {}, { total_tokens: null }, { total_tokens: "9" }, []])(
    "with usage %j has its images all the same",
    async (usage) => {
      const reply = await read({ data: [{ b64_json }], usage });
      expect(reply).toMatchObject({ kind: "images", items: [{ kind: "image" }] });
      expect(reply).not.toHaveProperty("usage");
    },
  );

  it.each([
    { revised_prompt: 7 },
    { revised_prompt: null },
    { url: 7 },
    { error: null },
    { error: "odd" },
    { more: [] },
  ])("keeps an image that was paid for, though it comes with %j", async (odd) => {
    expect(await read({ data: [{ b64_json, ...odd }] })).toMatchObject({ items: [{ kind: "image" }] });
  });

  it("tells which images of several were refused, lost or not made", async () => {
    const data = [
      { b64_json },
      { error: { code: "contentFilter", message: "SECRET-PROMPT" } },
      { error: { code: "busy", message: "SECRET-PROMPT" } },
      {},
    ];
    const reply = await read({ data });
    expect(reply).toMatchObject({
      items: [
        { kind: "image" },
        { kind: "lost", failure: { code: "contentFilter" } },
        { kind: "lost", failure: { code: "upstreamRejected", message: "The service made no image: busy" } },
        { kind: "lost", failure: { code: "upstreamUnavailable" } },
      ],
    });
    expect(JSON.stringify(reply)).not.toContain("SECRET-PROMPT");
  });

  it.each([
    { url: "https://images.example/1" },
    { url: "/relative/1", b64_json: null },
    { b64_json: "https://images.example/1" },
    { image: { url: "https://images.example/1" } },
  ])("leaves the link of %j to be fetched", async (entry) => {
    const reply = await read({ data: [{ ...entry, revised_prompt: "finer" }] });
    const url = expect.stringMatching(/^(https:|\/).+1$/) as string;
    expect(reply).toEqual({ kind: "images", items: [{ kind: "link", url, revisedPrompt: "finer" }] });
  });

  it("that holds a refusal is a refusal", async () => {
    expect(await read({ error: { code: "content_policy_violation" } })).toMatchObject({ kind: "refused" });
  });

  it.each([
    undefined,
    null,
    "<html>",
    [],
    {},
    { data: null },
    { data: [] },
    { data: "x" },
    { data: [7] },
    { error: { code: "busy", message: "SECRET-PROMPT" } },
    { error: "overloaded" },
  ])("that is %j makes no sense, and may be billed", async (body) => {
    const thrown: unknown = await read(body).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(UpstreamError);
    expect(thrown).toMatchObject({ mayBeBilled: true });
    expect(String(thrown)).not.toContain("SECRET-PROMPT");
  });
});

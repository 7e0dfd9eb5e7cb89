import { describe, expect, it } from "vitest";
import type { ErrorReply } from "../../src/contracts/http-api.ts";
import { useSharedDarkroom } from "../support/darkroom.ts";

const darkroom = useSharedDarkroom();
const prompt = "A badger that wears a tuxedo";
const send = async (body: RequestInit["body"], type = "application/json") => {
  const init: RequestInit = { method: "POST", headers: { "content-type": type }, body: body ?? null };
  const reply = await darkroom.fetch("/api/images/generations", init);
  return { status: reply.status, error: ((await reply.json()) as ErrorReply).error };
};

describe("bad input", () => {
  it.each([
    ["an unknown model", { model: "dall-e-9", prompt }, "model", "dall-e-3"],
    ["a size of another model", { model: "dall-e-3", prompt, size: "512x512" }, "size", "1792x1024"],
    ["a quality that isn't the model's", { model: "gpt-image-1", prompt, quality: "hd" }, "quality", "high"],
    ["a style that isn't one", { model: "dall-e-3", prompt, style: "baroque" }, "style", "vivid"],
    [
      "a format that Azure doesn't write",
      { model: "gpt-image-1", prompt, output_format: "webp" },
      "output_format",
      "png",
    ],
    [
      "a transparent jpeg",
      { model: "gpt-image-1", prompt, background: "transparent", output_format: "jpeg" },
      "output_format",
      "png",
    ],
    [
      "a response format that isn't one",
      { model: "dall-e-3", prompt, response_format: "gif" },
      "response_format",
      "b64_json",
    ],
    ["an unknown field", { model: "dall-e-3", prompt, colour: "red" }, "colour", "prompt"],
  ])("with %s is a 400 that names the field and what is allowed", async (_, body, param, allowed) => {
    const error = await darkroom.refused(body);
    expect(error).toMatchObject({ status: 400, code: "invalidRequest", param, retryable: false });
    expect(error.allowed).toContain(allowed);
    expect(error.request_id).toBeTruthy();
  });

  it.each([
    ["no prompt", {}],
    ["an empty prompt", { prompt: "" }],
    ["too long a prompt", { model: "dall-e-2", prompt: prompt.repeat(60) }],
  ])("with %s names the prompt", async (_, body) => {
    expect(await darkroom.refused(body)).toMatchObject({ status: 400, param: "prompt" });
  });

  it.each([0, 11, 1.5, "2", -1, 1e30])("with n=%j names n", async (n) => {
    expect(await darkroom.refused({ model: "dall-e-3", prompt, n })).toMatchObject({
      status: 400,
      param: "n",
    });
  });

  it("of the seeds' own sample, 512x512 with hd, names both rules", async () => {
    const { message, status } = await darkroom.refused({
      prompt,
      n: 1,
      size: "512x512",
      quality: "hd",
      style: "vivid",
    });
    expect(status).toBe(400);
    expect(message).toMatch(/size "512x512" is not a size of dall-e-3/);
    expect(message).toMatch(/quality is not a parameter of dall-e-2/);
  });

  it("that isn't JSON is a 400, of another type a 415, too large a 413", async () => {
    expect(await send("{broken")).toMatchObject({ status: 400, error: { param: "body" } });
    expect(await send("[1]")).toMatchObject({ status: 400, error: { param: "body" } });
    expect(await send("a=b", "text/plain")).toMatchObject({
      status: 415,
      error: { code: "unsupportedMedia" },
    });
    const large = JSON.stringify({ prompt: prompt.repeat(30_000) });
    expect(await send(large)).toMatchObject({ status: 413, error: { code: "tooLarge" } });
  });

  it("too large is refused also when its length wasn't announced", async () => {
    const body = new Blob([prompt.repeat(30_000)]).stream();
    const init = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
      duplex: "half",
    } as RequestInit;
    expect((await darkroom.fetch("/api/images/generations", init)).status).toBe(413);
  });

  it("never reaches the service, nor leaves a job behind", async () => {
    const calls = await darkroom.calls("");
    expect(calls.filter((call) => !call.prompt || call.prompt.includes(prompt))).toEqual([]);
  });
});

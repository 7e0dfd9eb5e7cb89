import { randomUUID } from "node:crypto";
import OpenAI, { toFile } from "openai";
import { expect, it, describe } from "vitest";
import { clients } from "../../support/clients.ts";
import { useSharedDarkroom } from "../../support/darkroom.ts";
import { aMask, aPicture } from "../../support/edits.ts";

const darkroom = useSharedDarkroom();
const place = () => ({ url: darkroom.running.url, key: darkroom.running.key ?? "" });
const openai = (key = place().key) => new OpenAI({ baseURL: `${place().url}/v1`, apiKey: key });

describe.each(clients)("$name", ({ models, generate, edit, stream }) => {
  it.each(models)("gives its user two pictures of %s, which are billed once", async (model) => {
    const prompt = darkroom.unused(`two pictures for ${randomUUID()}`);
    const pictures = await generate(place(), { model, prompt, n: 2 });
    expect(new Set(pictures).size).toBe(2);
    const { totals } = await darkroom.ledger(prompt);
    expect(totals.images_billed).toBe(2);
  });

  it.runIf(edit)("edits a picture, and two of them under a mask", async () => {
    const [one, other, mask] = await Promise.all([aPicture(1), aPicture(2), aMask()]);
    const prompt = darkroom.unused(`an edit for ${randomUUID()}`);
    for (const files of [{ images: [one] }, { images: [one, other], mask }])
      expect(await edit?.(place(), { model: "gpt-image-1", prompt }, files)).toHaveLength(1);
    const calls = await darkroom.calls(prompt);
    const filesOf = calls.map(({ parts = [] }) =>
      parts.map(({ name }) => name).filter((name) => /^(image|mask)/.test(name)),
    );
    expect(filesOf.map((names) => names.sort())).toEqual([["image[]"], ["image[]", "image[]", "mask"]]);
  });

  it.runIf(stream)("shows a picture as it is made, in the client's own stream", async () => {
    const prompt = darkroom.unused(`a stream for ${randomUUID()}`);
    const events = (await stream?.(place(), { model: "gpt-image-1", prompt })) ?? [];
    expect(events.map((event) => event.split(" ")[0])).toEqual([
      "image_generation.partial_image",
      "image_generation.partial_image",
      "image_generation.completed",
    ]);
    expect(new Set(events).size).toBe(3);
    expect((await darkroom.ledger(prompt)).totals.images_billed).toBe(1);
  });
});

it("answers in the form that was asked for, on every model; its links need no header and tolerate one", async () => {
  const formats = ["url", "b64_json"] as const;
  for (const model of ["dall-e-2", "dall-e-3", "gpt-image-1"]) {
    for (const response_format of [undefined, ...formats]) {
      const asked = { model, prompt: "a form", ...(response_format && { response_format }) };
      const { data, response } = await openai().images.generate(asked).withResponse();
      const expected = response_format ?? (model === "gpt-image-1" ? "b64_json" : "url");
      const [picture] = data.data ?? [];
      expect(Object.keys(picture ?? {})).toContain(expected);
      const job = await darkroom.job(response.headers.get("x-darkroom-job") ?? "");
      expect(job).toMatchObject({ status: "succeeded", model, images: [{ index: 0 }] });
      // OpenAI tells nothing of filters, and of tokens where they go.
      expect(picture).not.toHaveProperty("content_filter_results");
      if (model === "gpt-image-1")
        expect(data.usage?.input_tokens_details).toEqual({ text_tokens: 2, image_tokens: 0 });
      if (expected !== "url") continue;
      for (const headers of [{}, { authorization: "Bearer of-somebody-else" }]) {
        const reply = await fetch(picture?.url ?? "", { headers });
        expect([reply.status, reply.headers.get("content-type")]).toEqual([200, "image/png"]);
        expect((await reply.arrayBuffer()).byteLength).toBe(job.images[0]?.bytes);
      }
      expect((await fetch((picture?.url ?? "").replace("/0?", "/1?"))).status).toBe(401);
      expect((await fetch((picture?.url ?? "").replace(/expires=\d/, "expires=9"))).status).toBe(401);
    }
  }
});

it("lists models and deployments, and says of others what there is", async () => {
  const ids = (await openai().models.list()).data.map(({ id }) => id);
  expect(ids).toEqual(expect.arrayContaining(["dall-e-3", "gpt-image-1", "dalle3"]));
  expect(await openai().models.retrieve("dalle3")).toMatchObject({ id: "dalle3", object: "model" });
  await expect(openai().models.retrieve("dall-e-9")).rejects.toMatchObject({
    status: 404,
    code: "model_not_found",
  });
  const unknown = openai().images.generate({ model: "dall-e-9", prompt: "a cat" });
  await expect(unknown).rejects.toMatchObject({ status: 404, code: "model_not_found", param: "model" });
  await expect(unknown).rejects.toThrow(/dall-e-3/);
});

it("words its errors as the client expects them, and repeats none that is final", async () => {
  const rejected = async (client: OpenAI, body: object) =>
    client.images.generate(body as OpenAI.ImageGenerateParams & { stream: false }).then(
      () => undefined,
      (error: unknown) => error,
    );
  const imageParams = { model: "dall-e-3", prompt: "a final answer" };
  expect(await rejected(openai("wrong"), imageParams)).toMatchObject({
    status: 401,
    code: "invalid_api_key",
  });
  expect(await rejected(openai(), { ...imageParams, size: "1x1" })).toMatchObject({
    status: 400,
    param: "size",
    type: "invalid_request_error",
  });
  expect(await rejected(openai(), { ...imageParams, colour: "red" })).toMatchObject({
    status: 400,
    param: "colour",
  });
  for (const [model, code] of [
    ["dall-e-3", "content_policy_violation"],
    ["gpt-image-1", "moderation_blocked"],
  ]) {
    const prompt = darkroom.unused(`never drawn by ${model} [[refuse]]`);
    expect(await rejected(openai(), { model, prompt })).toMatchObject({ status: 400, code });
    expect(await darkroom.calls(prompt)).toHaveLength(1);
  }
});

it("reads a form as .NET's client writes it: unquoted names, a file name twice, parts without a type", async () => {
  const boundary = "5e0bd9bd";
  const part = (disposition: string, content: Buffer | string) => [
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n`),
    Buffer.from(content),
    Buffer.from("\r\n"),
  ];
  const body = Buffer.concat([
    ...part("name=image; filename=in.png; filename*=utf-8''in.png", await aPicture(4)),
    ...part("name=prompt", "a hat, by .NET"),
    ...part("name=n", "1"),
    ...part("name=model", "gpt-image-1"),
    Buffer.from(`--${boundary}--\r\n`),
  ]);
  const reply = await darkroom.fetch("/v1/images/edits", {
    method: "POST",
    headers: { "content-type": `multipart/form-data; boundary="${boundary}"` },
    body,
  });
  const { data } = (await reply.json()) as { data: { b64_json: string }[] };
  expect([reply.status, data.length]).toEqual([200, 1]);
});

it("makes a variation as an edit, of whatever model can edit", async () => {
  const image = await toFile(await aPicture(3), "in.png", { type: "image/png" });
  // oxlint-disable-next-line typescript/no-deprecated -- anyone who still calls it is to get a picture
  const variation = openai().images.createVariation({ model: "dall-e-2", image });
  const { data, response } = await variation.withResponse();
  expect(data.data).toHaveLength(1);
  const job = await darkroom.job(response.headers.get("x-darkroom-job") ?? "");
  expect(job).toMatchObject({ kind: "edit", model: "gpt-image-1", status: "succeeded" });
});

it("ends a stream that a refusal ends with a typed error, and one that is refused at once with a status", async () => {
  const refused = darkroom.unused("never streamed [[refuse]]");
  const asked = { model: "gpt-image-1", stream: true, partial_images: 1 } as const;
  await expect(openai().images.generate({ ...asked, prompt: refused })).rejects.toMatchObject({
    status: 400,
    code: "moderation_blocked",
  });
});

it("refuses a client that was pointed at Darkroom's own API, and orders nothing", async () => {
  const lost = new OpenAI({ baseURL: `${place().url}/api`, apiKey: place().key });
  const prompt = darkroom.unused("pointed elsewhere");
  const refusal = lost.images.generate({ model: "gpt-image-1", prompt });
  await expect(refusal).rejects.toMatchObject({ status: 400, param: "base_url" });
  await expect(refusal).rejects.toThrow(`${place().url}/v1`);
  expect(await darkroom.calls(prompt)).toEqual([]);
});

it.each([
  "/v1/chat/completions",
  "/v1",
  "/openai/v1/responses",
  "/openai/deployments/x/chat/completions",
  "/api/x",
])("answers %s in JSON that names the bases", async (path) => {
  const reply = await darkroom.postJson(path, {});
  const { error } = (await reply.json()) as { error: { message: string } };
  expect([reply.status, error.message]).toEqual([
    404,
    expect.stringMatching(/\/v1 .*\/openai\/v1/) as string,
  ]);
});

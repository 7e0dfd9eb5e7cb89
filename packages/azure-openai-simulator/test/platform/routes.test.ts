import { randomUUID } from "node:crypto";
import OpenAI, { AzureOpenAI } from "openai";
import { describe, expect, it } from "vitest";
import { aPrompt, dalle3Path, download, inspect, retired, simulate } from "./support.ts";

describe("the openai client", () => {
  it("gets a URL and a revised prompt from a DALL-E 3 deployment", async () => {
    const simulated = await simulate();
    const prompt = aPrompt();
    const reply = await simulated
      .azure("dalle3", "2024-02-01")
      .images.generate({ model: "dall-e-3", prompt, size: "1792x1024", quality: "hd", ...retired.natural });
    const item = reply.data![0]!;
    expect(await inspect(await download(item.url!))).toMatchObject({
      format: "png",
      width: 1792,
      height: 1024,
    });
    expect(item.revised_prompt).toContain(prompt);
    expect(reply.created).toBeGreaterThan(1_700_000_000);
    expect(reply.usage).toBeUndefined();
  });

  it("gets base64 from DALL-E 3 when it asks", async () => {
    const simulated = await simulate();
    const reply = await simulated
      .azure("dalle3", "2024-02-01")
      .images.generate({ prompt: aPrompt(), ...retired.base64 });
    expect(reply.data![0]!.url).toBeUndefined();
    expect(await inspect(Buffer.from(reply.data![0]!.b64_json!, "base64"))).toMatchObject({ width: 1024 });
  });

  it("gets base64, echoes and usage from a gpt-image deployment", async () => {
    const simulated = await simulate();
    const reply = await simulated.azure("gpt-image", "2025-04-01-preview").images.generate({
      prompt: aPrompt(),
      n: 2,
      size: "1536x1024",
      quality: "low",
      output_format: "jpeg",
      output_compression: 50,
    });
    expect(reply).toMatchObject({
      background: "opaque",
      output_format: "jpeg",
      quality: "low",
      size: "1536x1024",
    });
    expect(reply.usage).toMatchObject({
      output_tokens: 2 * 408,
      total_tokens: reply.usage!.input_tokens + 816,
    });
    expect(reply.data).toHaveLength(2);
    for (const { b64_json } of reply.data!) {
      expect(await inspect(Buffer.from(b64_json!, "base64"))).toMatchObject({ format: "jpeg", width: 1536 });
    }
  });

  it.each(["gpt-image", "gpt-image-1-mini", "gpt-image-1.5", "gpt-image-2", "dalle3"])(
    "reaches deployment %s by name on Azure's v1 path",
    async (model) => {
      const simulated = await simulate();
      const reply = await simulated.openai("/openai/v1").images.generate({ model, prompt: aPrompt() });
      expect(reply.data).toHaveLength(1);
      expect((await simulated.ledger()).calls[0]).toMatchObject({ deployment: model, status: 200 });
    },
  );

  it("uses OpenAI's own path with OpenAI's own models", async () => {
    const simulated = await simulate();
    const client = simulated.openai("/v1");
    const webp = await client.images.generate({
      model: "gpt-image-2-2026-04-21",
      prompt: aPrompt(),
      size: "1280x720",
      output_format: "webp",
    });
    const file = Buffer.from(webp.data![0]!.b64_json!, "base64");
    expect(await inspect(file)).toMatchObject({ format: "webp", width: 1280, height: 720 });
    const dalle2 = await client.images.generate({ prompt: aPrompt(), n: 3, size: "256x256" });
    expect(await inspect(await download(dalle2.data![2]!.url!))).toMatchObject({ width: 256 });
    expect(dalle2.data![0]!.revised_prompt).toBeUndefined();
  });

  it("is told of DALL-E 2 and gpt-image apart by the parameters it sends OpenAI without a model", async () => {
    const simulated = await simulate();
    await simulated.openai("/v1").images.generate({ prompt: aPrompt(), size: "256x256" });
    await simulated.openai("/v1").images.generate({ prompt: aPrompt(), background: "opaque" });
    expect((await simulated.ledger()).calls).toMatchObject([{ model: "dall-e-2" }, { model: "gpt-image-1" }]);
  });
});

describe("DALL-E 3 on Azure", () => {
  it("says what its content filters found", async () => {
    const simulated = await simulate();
    const { body, headers } = await simulated.dalle3(aPrompt());
    const safe = { filtered: false, severity: "safe" };
    expect(body).toMatchObject({
      data: [
        {
          content_filter_results: { hate: safe, self_harm: safe, sexual: safe, violence: safe },
          prompt_filter_results: { hate: safe, profanity: { detected: false, filtered: false } },
        },
      ],
    });
    expect(headers.get("apim-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.get("x-ms-request-id")).toBe(headers.get("apim-request-id"));
  });

  it("keeps its filters to itself on OpenAI's path", async () => {
    const simulated = await simulate();
    const reply = await simulated.openai("/v1").images.generate({ model: "dall-e-3", prompt: aPrompt() });
    expect(Object.keys(reply.data![0]!)).toEqual(["url", "revised_prompt"]);
  });

  it("leaves a prompt alone that asks to be used as it is", async () => {
    const simulated = await simulate();
    const prompt = `I NEED to test how the tool works. DO NOT add any detail, just use it AS-IS: ${aPrompt()}`;
    expect((await simulated.dalle3(prompt)).body).toMatchObject({ data: [{ revised_prompt: prompt }] });
  });
});

describe("quality", () => {
  it.each([
    ["gpt-image", "high"],
    ["gpt-image-1-mini", "medium"],
  ])("is by default what Azure draws for %s: %s", async (model, quality) => {
    const simulated = await simulate();
    expect((await simulated.gptImage(aPrompt(), { model })).body).toMatchObject({ quality });
  });
});

describe("credentials", () => {
  it("may be a bearer key", async () => {
    const simulated = await simulate();
    const headers = { authorization: `Bearer ${simulated.apiKey}` };
    expect((await simulated.send("POST", dalle3Path, { prompt: aPrompt() }, headers)).status).toBe(200);
  });

  it("are refused in Azure's words, and cost nothing", async () => {
    const simulated = await simulate();
    for (const headers of [{}, { "api-key": "wrong" }, { authorization: "Bearer a.b.c" }]) {
      const answer = await simulated.send("POST", dalle3Path, { prompt: aPrompt() }, headers);
      expect(answer).toMatchObject({ status: 401, body: { error: { code: "401" } } });
    }
    expect((await simulated.ledger()).totals.images_billed).toBe(0);
  });

  it("are refused in OpenAI's words on OpenAI's path", async () => {
    const { url } = await simulate();
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: "wrong", maxRetries: 0 });
    await expect(client.images.generate({ prompt: aPrompt() })).rejects.toMatchObject({
      status: 401,
      code: "invalid_api_key",
      type: "invalid_request_error",
    });
  });

  it("are refused in the asynchronous API's words there", async () => {
    const simulated = await simulate();
    const path = `/openai/operations/images/${randomUUID()}?api-version=2023-06-01-preview`;
    const answer = await simulated.send("GET", path, undefined, {});
    expect(answer).toMatchObject({ status: 401, body: { error: { code: "unauthorized" } } });
    expect(answer.headers.get("x-ms-error-code")).toBe("unauthorized");
  });

  it("may be any token when Entra sign-in is on, and only then", async () => {
    const generate = async (entra: boolean) => {
      const { url } = await simulate({ settings: { entra } });
      const client = new AzureOpenAI({
        endpoint: url,
        apiVersion: "2024-02-01",
        deployment: "dalle3",
        azureADTokenProvider: () => Promise.resolve("header.claims.signature"),
        maxRetries: 0,
      });
      return client.images.generate({ prompt: aPrompt() });
    };
    expect((await generate(true)).data).toHaveLength(1);
    await expect(generate(false)).rejects.toMatchObject({ status: 401 });
  });
});

describe("addresses", () => {
  it.each([
    ["/openai/deployments/nobody/images/generations?api-version=2024-02-01", "DeploymentNotFound"],
    ["/openai/deployments/dalle3/images/generations", "404"],
    ["/openai/deployments/dalle3/images/generations?api-version=2023-06-01-preview", "404"],
    ["/openai/deployments/dalle3/images/generations?api-version=1999-01-01", "404"],
    ["/openai/deployments/gpt-image/images/generations?api-version=2024-10-21", "404"],
    ["/openai/images/generations:submit?api-version=2024-10-21", "notFound"],
    ["/openai/v1/images/generations?api-version=2024-10-21", "404"],
    ["/openai/images", "404"],
  ])("%s is %s", async (path, code) => {
    const simulated = await simulate();
    const answer = await simulated.send("POST", path, { model: "gpt-image", prompt: aPrompt() });
    expect(answer).toMatchObject({ status: 404, body: { error: { code } } });
  });

  it("are not mistaken for what every object has", async () => {
    const simulated = await simulate();
    await simulated.send("POST", dalle3Path.replace("dalle3", "__proto__"), { prompt: aPrompt() });
    expect((await simulated.ledger()).calls[0]).toMatchObject({ status: 404, deployment: "__proto__" });
    expect((await simulated.ledger()).calls[0]).not.toHaveProperty("model");
  });

  it("name an unknown model on OpenAI's path", async () => {
    const simulated = await simulate();
    const reply = simulated.openai("/v1").images.generate({ model: "dall-e-9", prompt: aPrompt() });
    await expect(reply).rejects.toMatchObject({ status: 404, code: "model_not_found", param: "model" });
  });

  it.each([
    ["?api-version=preview", {}],
    ["", { "api-version": "preview" }],
    ["", { api_version: "preview" }],
    ["", {}],
  ])("take v1's version as query%s or header %j, or none", async (query, headers) => {
    const simulated = await simulate();
    const body = { model: "gpt-image", prompt: aPrompt() };
    const all = { ...simulated.credentials, ...headers };
    expect((await simulated.send("POST", `/openai/v1/images/generations${query}`, body, all)).status).toBe(
      200,
    );
  });

  it("follow the deployments in the settings", async () => {
    const simulated = await simulate({ settings: { deployments: { painter: "dall-e-3" } } });
    expect((await simulated.dalle3(aPrompt())).status).toBe(404);
    const path = dalle3Path.replace("dalle3", "painter");
    expect((await simulated.send("POST", path, { prompt: aPrompt() })).status).toBe(200);
  });
});

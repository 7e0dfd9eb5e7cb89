import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSimulator } from "../../packages/azure-openai-simulator/src/simulator.ts";
import { OwnTimeout } from "../../src/domain/app-error.ts";
import { resolveDeployments } from "../../src/domain/deployment.ts";
import type { ImageRequest } from "../../src/domain/image-request.ts";
import { recogniseImage } from "../../src/domain/image-format/media-type.ts";
import type { ReportedLimits } from "../../src/domain/quota/learnt-limits.ts";
import { knownModels } from "../../src/domain/model-catalogue.ts";
import { openAiImageModels } from "../../src/adapters/openai/image-models.ts";
import {
  type GatheredReply,
  gathering,
  type GatheringModel,
  gatheringModel,
} from "../support/gathered-reply.ts";
import { imagesOf, never, upstreamParts, useSimulator } from "../support/image-service.ts";

const service = useSimulator();
const { modelAt, ledger } = service;

const dalle3 = (prompt: string): ImageRequest => ({
  prompt,
  n: 1,
  size: "1024x1024",
  quality: "standard",
  style: "vivid",
});
const gptImage = (prompt: string, n = 1): ImageRequest => ({
  prompt,
  n,
  size: "1024x1024",
  quality: "low",
  output_format: "png",
});
const dalle2 = (prompt: string, n = 1): ImageRequest => ({ prompt, n, size: "256x256" });

async function listen(handler: RequestListener): Promise<Server> {
  const server = createServer(handler).listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;

async function pollUntilDone(
  model: GatheringModel,
  operation: string,
  wanted: number[],
): Promise<GatheredReply> {
  for (;;) {
    const reply = await model.poll(dalle2(""), operation, wanted, never);
    if (reply.kind !== "pending") return reply;
    expect(reply.retryAfterMs).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe("a synchronous call", () => {
  it("brings one DALL-E 3 image with the prompt it was drawn from", async () => {
    const [item] = imagesOf(await modelAt("dall-e-3").render(dalle3("an umbrella"), 1, never));
    expect(item).toMatchObject({
      kind: "image",
      revisedPrompt: expect.stringContaining("umbrella") as string,
    });
    expect(item?.kind === "image" && recogniseImage(item.bytes)).toBe("png");
  });

  it("brings several gpt-image images and the tokens they cost", async () => {
    const reply = await modelAt("gpt-image-1").render(gptImage("two doors", 2), 2, never);
    expect(imagesOf(reply)).toHaveLength(2);
    expect(reply).toMatchObject({ usage: { total_tokens: expect.any(Number) as number } });
  });

  it("speaks OpenAI's own dialect where the deployment says so", async () => {
    const model = modelAt("dall-e-3", {
      kind: "openai",
      endpoint: `${service.url()}/v1`,
      upstreamName: "dall-e-3",
    });
    expect(imagesOf(await model.render(dalle3("plain dialect"), 1, never))).toHaveLength(1);
  });

  it("is made once, whatever becomes of it: retries are not the adapter's", async () => {
    await expect(modelAt("dall-e-3").render(dalle3("once only [[500]]"), 1, never)).rejects.toThrow("500");
    expect(await ledger("once only")).toHaveLength(1);
  });

  it("ends when its signal says so, with an outcome that nobody knows", async () => {
    const call = modelAt("dall-e-3").render(dalle3("patience [[latency=60000]]"), 1, AbortSignal.timeout(50));
    await expect(call).rejects.toBeInstanceOf(OwnTimeout);
    await expect(call).rejects.toMatchObject({ code: "upstreamUnavailable", mayBeBilled: true });
  });
});

describe("a refusal", () => {
  it.each([
    ["dall-e-3", "[[refuse]]"],
    ["dall-e-3", "[[refuse dialect=content_policy_violation]]"],
    ["dall-e-3", "[[refuse=output dialect=contentFilter]]"],
    ["gpt-image-1", "[[refuse]]"],
  ])("of %s by %s is told from every other 400", async (model, words) => {
    const request = model === "dall-e-3" ? dalle3(`evil ${words}`) : gptImage(`evil ${words}`);
    expect(await modelAt(model).render(request, 1, never)).toMatchObject({
      kind: "refused",
      failure: { code: "contentFilter", retryable: false },
    });
  });

  it("of one image in three leaves the other two", async () => {
    const items = imagesOf(
      await modelAt("gpt-image-1").render(gptImage("one of three [[refuse_slots=1]]", 3), 3, never),
    );
    expect(items.map(({ kind }) => kind)).toEqual(["image", "lost", "image"]);
    expect(items[1]).toMatchObject({ failure: { code: "contentFilter" } });
  });

  it("names the categories and never the prompt", async () => {
    const reply = await modelAt("dall-e-3").render(
      dalle3("canary-4711 [[refuse dialect=content_policy_violation]]"),
      1,
      never,
    );
    expect(JSON.stringify(reply)).not.toContain("canary-4711");
    expect(reply).toMatchObject({
      failure: { message: expect.stringMatching(/policy refused the prompt \(.+\)/) as string },
    });
  });
});

describe("a throttled call", () => {
  it.each([
    ["[[429=4]]", 4_000],
    ["[[429=250ms]]", 250],
    ["[[429]]", 0],
    ["[[503=7]]", 7_000],
  ])("%s asks for %i ms", async (words, ms) => {
    const reply = await modelAt("dall-e-3").render(dalle3(`busy ${words}`), 1, never);
    expect(reply).toEqual({ kind: "throttled", retryAfterMs: ms });
  });

  it("may name its wait as a date", async () => {
    const reply = await modelAt("dall-e-3").render(dalle3("busy [[429=date:30]]"), 1, never);
    expect(reply.kind === "throttled" && reply.retryAfterMs).toSatisfy(
      (ms: number) => ms > 25_000 && ms <= 31_000,
    );
  });
});

it("a service that tells its limits is listened to, when it serves and when it turns away", async () => {
  const limited = await startSimulator({
    settings: { latency_scale: 0, rate_limits: { dalle3: { requests: 1 } } },
  });
  try {
    const offers = resolveDeployments([{ name: "here", model: "dall-e-3", kind: "azure" }], knownModels);
    const upstream = {
      endpoint: limited.url,
      upstreamName: "dalle3",
      apiVersion: "2024-02-01",
      apiKey: limited.apiKey,
    };
    const models = openAiImageModels({
      ...upstreamParts,
      offers: offers.map((offer) => ({ ...offer, upstream })),
    });
    const heard: ReportedLimits[] = [];
    const listener = { ...gathering().listener, onLimits: (limits: ReportedLimits) => heard.push(limits) };
    const render = () => models.at("here").render(dalle3("a limited cat"), 1, never, listener);
    expect([(await render()).kind, (await render()).kind]).toEqual(["images", "throttled"]);
    const reported = { requests: { count: 1, windowMs: 60_000 }, remaining: { requests: 0 } };
    expect(heard).toMatchObject([reported, reported]);
  } finally {
    await limited.close();
  }
});

describe("the environment", () => {
  const foreign = {
    OPENAI_BASE_URL: "http://127.0.0.1:9/",
    OPENAI_ORG_ID: "org-elsewhere",
    OPENAI_PROJECT_ID: "proj-elsewhere",
    AZURE_OPENAI_API_KEY: "another-key",
    OPENAI_API_KEY: "another-key",
  };
  beforeAll(() => Object.assign(process.env, foreign));
  afterAll(() => {
    for (const name of Object.keys(foreign)) Reflect.deleteProperty(process.env, name);
  });

  it.each(["azure", "openai"] as const)(
    "of other programs doesn't redirect or break a deployment of kind %s",
    async (kind) => {
      const endpoint = kind === "azure" ? `${service.url()}/` : `${service.url()}/v1`;
      const model = modelAt("dall-e-3", {
        kind,
        endpoint,
        ...(kind === "openai" && { upstreamName: "dall-e-3" }),
      });
      expect(imagesOf(await model.render(dalle3("alone"), 1, never))).toHaveLength(1);
    },
  );
});

describe("an end that no retry cures", () => {
  it("is an account-wide block, told from a refusal", async () => {
    const reply = await modelAt("dall-e-3").render(dalle3("blocked [[403]]"), 1, never);
    expect(reply).toMatchObject({ kind: "accountBlocked", failure: { code: "accountBlocked" } });
  });

  it("is a value that the service doesn't take, in its words and without the prompt", async () => {
    const request = { ...dalle3("canary-4712"), size: "1x1" };
    const reply = await modelAt("dall-e-3").render(request, 1, never);
    expect(reply).toMatchObject({
      kind: "rejected",
      failure: { message: expect.stringContaining("400") as string },
    });
    expect(JSON.stringify(reply)).not.toContain("canary-4712");
  });
});

describe("a service that isn't there", () => {
  it("is a deployment that isn't there, or isn't yet", async () => {
    const reply = await modelAt("dall-e-3", { upstreamName: "nowhere" }).render(dalle3("lost"), 1, never);
    expect(reply).toMatchObject({
      kind: "unavailable",
      mayBeBilled: false,
      patienceMs: 120_000,
      failure: { retryable: true, message: expect.stringContaining("DeploymentNotFound") as string },
    });
  });

  it("by its own word has billed nothing", async () => {
    const reply = await modelAt("dall-e-3").render(dalle3("away [[503]]"), 1, never);
    expect(reply).toMatchObject({ kind: "unavailable", mayBeBilled: false });
  });
});

describe("a fault that a retry may cure", () => {
  it.each([
    ["[[500]]", true],
    ["[[502]]", true],
    ["[[504]]", true],
    ["[[408]]", true],
    ["[[409]]", false],
    ["[[cut=before]]", true],
    ["[[cut=headers]]", true],
    ["[[cut=10%]]", true],
    ["[[cut=99%]]", true],
    ["[[body=truncated]]", true],
    ["[[body=html]]", true],
    ["[[body=error]]", true],
    ["[[empty]]", true],
  ])("%s is thrown; may be billed: %s", async (words, mayBeBilled) => {
    const call = modelAt("dall-e-3").render(dalle3(`trouble ${words}`), 1, never);
    await expect(call).rejects.toMatchObject({ name: "AppError", code: "upstreamUnavailable", mayBeBilled });
  });

  it("is a key that isn't accepted, which a rotation may mend", async () => {
    const call = modelAt("dall-e-3", { apiKey: "wrong" }).render(dalle3("no key"), 1, never);
    await expect(call).rejects.toMatchObject({
      mayBeBilled: false,
      message: expect.stringContaining("401") as string,
    });
  });

  it("is a service that can't be reached, which then billed nothing", async () => {
    const gone = await startSimulator();
    await gone.close();
    const reply = await modelAt("dall-e-3", { endpoint: gone.url }).render(dalle3("nobody"), 1, never);
    expect(reply).toMatchObject({ kind: "unavailable", failure: { code: "upstreamUnavailable" } });
  });
});

describe("a DALL-E 2 operation", () => {
  it.each(["A", "B"])("of result shape %s brings its images", async (shape) => {
    const model = modelAt("dall-e-2");
    const submitted = await model.submit(
      dalle2(`shape [[shape=${shape}]]`, 2),
      2,
      crypto.randomUUID(),
      never,
    );
    if (submitted.kind !== "submitted") throw new Error(submitted.kind);
    expect(submitted.operation).toMatch(/^\/openai\/operations\/images\//);
    const items = imagesOf(await pollUntilDone(model, submitted.operation, [0, 1]));
    expect(items.map((item) => item.kind === "image" && recogniseImage(item.bytes))).toEqual(["png", "png"]);
  });

  it("that mixes links and refusals gives each position its own", async () => {
    const model = modelAt("dall-e-2");
    const submitted = await model.submit(
      dalle2("mixed [[refuse_slots=0 shape=B]]", 3),
      3,
      crypto.randomUUID(),
      never,
    );
    if (submitted.kind !== "submitted") throw new Error(submitted.kind);
    const items = imagesOf(await pollUntilDone(model, submitted.operation, [0, 2]));
    expect(items.map(({ kind }) => kind)).toEqual(["lost", "image"]);
  });

  it("submitted twice under one id is one operation", async () => {
    const model = modelAt("dall-e-2");
    const id = crypto.randomUUID();
    const first = await model.submit(dalle2("twice"), 1, id, never);
    expect(await model.submit(dalle2("twice"), 1, id, never)).toMatchObject({
      operation: first.kind === "submitted" && first.operation,
    });
  });

  it("that fails tells the service's reason", async () => {
    const model = modelAt("dall-e-2");
    const submitted = await model.submit(
      dalle2('doomed [[operation=failed message="ran out of paint"]]'),
      1,
      crypto.randomUUID(),
      never,
    );
    if (submitted.kind !== "submitted") throw new Error(submitted.kind);
    expect(await pollUntilDone(model, submitted.operation, [0])).toMatchObject({
      kind: "rejected",
      failure: { message: expect.stringContaining("ran out of paint") as string },
    });
  });

  it("whose address names another host is asked for at the configured endpoint", async () => {
    const model = modelAt("dall-e-2");
    const request = dalle2("moved [[operation_host=elsewhere.example]]");
    const submitted = await model.submit(request, 1, crypto.randomUUID(), never);
    if (submitted.kind !== "submitted") throw new Error(submitted.kind);
    expect(imagesOf(await pollUntilDone(model, submitted.operation, [0]))).toHaveLength(1);
  });

  it.each([
    (port: number) => `http://127.0.0.1:${port}/openai/operations/images/1`,
    (port: number) => `//127.0.0.1:${port}/openai/operations/images/1`,
    (port: number) => `/same//127.0.0.1:${port}/steal`,
    (port: number) => `http://ENDPOINT//127.0.0.1:${port}/steal`,
    (port: number) => `http://ENDPOINT/\\127.0.0.1:${port}/steal`,
  ])("never leads the key to another host: %s", async (locationOf) => {
    const keysSeen: string[] = [];
    const stranger = await listen((request, response) => {
      keysSeen.push(String(request.headers["api-key"]));
      response.end("{}");
    });
    const upstream = await listen((request, response) => {
      const location = locationOf(portOf(stranger)).replace("ENDPOINT", `127.0.0.1:${portOf(upstream)}`);
      if (request.method === "POST") response.writeHead(202, { "operation-location": location }).end("{}");
      else response.end(JSON.stringify({ status: "running" }));
    });
    try {
      const model = modelAt("dall-e-2", { endpoint: `http://127.0.0.1:${portOf(upstream)}` });
      const submitted = await model.submit(dalle2("led astray"), 1, crypto.randomUUID(), never);
      if (submitted.kind !== "submitted") throw new Error(submitted.kind);
      expect(await model.poll(dalle2(""), submitted.operation, [0], never)).toMatchObject({
        kind: "pending",
      });
      expect(keysSeen).toEqual([]);
    } finally {
      stranger.close();
      upstream.close();
    }
  });

  it("whose image's link is dead leaves the link, to be followed another time", async () => {
    const model = modelAt("dall-e-2");
    const submitted = await model.submit(dalle2("dead link [[404 on=image]]"), 1, crypto.randomUUID(), never);
    if (submitted.kind !== "submitted") throw new Error(submitted.kind);
    expect(imagesOf(await pollUntilDone(model, submitted.operation, [0]))).toMatchObject([{ kind: "link" }]);
  });
});

it("a token that can't be had is told as that, and bills nothing", async () => {
  const offers = resolveDeployments([{ name: "here", model: "dall-e-3", kind: "azure" }], knownModels).map(
    (offer) => ({
      ...offer,
      upstream: { endpoint: service.url(), upstreamName: "dalle3", apiVersion: "2024-02-01" },
    }),
  );
  const accessToken = () => Promise.reject(new Error("no identity here"));
  const models = openAiImageModels({ offers, ...upstreamParts, accessToken });
  await expect(gatheringModel(models.at("here")).render(dalle3("tokenless"), 1, never)).rejects.toMatchObject(
    {
      detail: "no access token could be had for the service",
      mayBeBilled: false,
    },
  );
  expect(await ledger("tokenless")).toEqual([]);
});

it("Entra tokens are sent where a deployment has no key", async () => {
  const entra = await startSimulator({ settings: { entra: true, latency_scale: 0 } });
  try {
    const offers = resolveDeployments([{ name: "here", model: "dall-e-3", kind: "azure" }], knownModels).map(
      (offer) => ({
        ...offer,
        upstream: { endpoint: entra.url, upstreamName: "dalle3", apiVersion: "2024-02-01" },
      }),
    );
    const models = openAiImageModels({
      offers,
      ...upstreamParts,
      accessToken: () => Promise.resolve("eyJ0eXAi.eyJhdWQi.c2lnbmVk"),
    });
    expect(
      imagesOf(await gatheringModel(models.at("here")).render(dalle3("by identity"), 1, never)),
    ).toHaveLength(1);
  } finally {
    await entra.close();
  }
});

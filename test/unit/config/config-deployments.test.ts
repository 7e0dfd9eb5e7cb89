import { describe, expect, it } from "vitest";
import { listed, problemsWith, settingsWith } from "../../support/settings.ts";
import { applyDefaults, validateParams } from "../../../src/domain/image-request.ts";

const endpoint = "https://res.openai.azure.com";
const three = { name: "three", model: "dall-e-3", endpoint };

describe("the short form", () => {
  const short = {
    AZURE_OPENAI_ENDPOINT: endpoint,
    AZURE_OPENAI_API_KEY: "the-key",
    DALLE2_API_VERSION: "2023-06-01-preview",
    DALLE3_DEPLOYMENT: "dalle3",
    GPT_IMAGE_DEPLOYMENT: "image",
  };

  it("is one resource with a deployment for each model named", () => {
    const { offers } = settingsWith(short);
    expect(offers.map(({ deployment, upstream }) => ({ ...deployment, ...upstream }))).toEqual([
      {
        name: "dall-e-2",
        quota: { pool: "dall-e-2", limits: {} },
        model: "dall-e-2",
        kind: "azure",
        endpoint,
        upstreamName: "dall-e-2",
        apiVersion: "2023-06-01-preview",
        apiKey: "the-key",
      },
      {
        name: "dalle3",
        quota: { pool: "dalle3", limits: {} },
        model: "dall-e-3",
        kind: "azure",
        endpoint,
        upstreamName: "dalle3",
        apiVersion: "2024-02-01",
        apiKey: "the-key",
      },
      {
        name: "image",
        quota: { pool: "image", limits: {} },
        model: "gpt-image-1",
        kind: "azure",
        endpoint,
        upstreamName: "image",
        apiVersion: "2025-04-01-preview",
        apiKey: "the-key",
      },
    ]);
  });

  it("without a key uses Entra ID", () => {
    const [offer] = settingsWith({ ...short, AZURE_OPENAI_API_KEY: undefined }).offers;
    expect(offer?.upstream).not.toHaveProperty("apiKey");
  });

  it("gives way to the list where there is one", () => {
    const { offers } = settingsWith({ ...short, IMAGE_DEPLOYMENTS: JSON.stringify([three]) });
    expect(offers.map(({ deployment }) => deployment.name)).toEqual(["three"]);
  });

  it.each([
    [{ AZURE_OPENAI_ENDPOINT: "res.openai.azure.com" }, "AZURE_OPENAI_ENDPOINT must be an address"],
    [{ AZURE_OPENAI_ENDPOINT: "ftp://res" }, "AZURE_OPENAI_ENDPOINT must be an address"],
    [{ DALLE3_DEPLOYMENT: undefined }, "at least one of DALLE2_API_VERSION"],
    [{ AZURE_OPENAI_ENDPOINT: undefined }, "or AZURE_OPENAI_ENDPOINT"],
    [{ DALLE3_DEPLOYMENT: "my deployment" }, "DALLE3_DEPLOYMENT must be 1 to 64 letters"],
    [{ GPT_IMAGE_DEPLOYMENT: "a/b" }, "GPT_IMAGE_DEPLOYMENT must be 1 to 64 letters"],
    [{ GPT_IMAGE_DEPLOYMENT: "dalle3" }, "names dalle3 twice"],
  ])("with %j is reported", (change, why) => {
    expect(problemsWith(change)).toEqual([expect.stringContaining(why)]);
  });
});

describe("the list of deployments", () => {
  it("gives each its name, its limit and its own way to its service", () => {
    const { offers } = settingsWith({
      ...listed(
        { ...three, deployment: "upstream-three", api_version: "2099-01-01", max_parallel: 2 },
        {
          name: "own",
          model: "gpt-image-1",
          endpoint: "https://api.openai.com/v1",
          kind: "openai",
          api_key_setting: "OPENAI_KEY",
        },
      ),
      OPENAI_KEY: "own-key",
    });
    expect(offers.map(({ deployment, upstream }) => ({ ...deployment, ...upstream }))).toEqual([
      {
        name: "three",
        model: "dall-e-3",
        kind: "azure",
        maxParallel: 2,
        quota: { pool: "three", limits: { parallel: 2 } },
        endpoint,
        upstreamName: "upstream-three",
        apiVersion: "2099-01-01",
      },
      {
        name: "own",
        model: "gpt-image-1",
        kind: "openai",
        quota: { pool: "own", limits: {} },
        endpoint: "https://api.openai.com/v1",
        upstreamName: "gpt-image-1",
        apiKey: "own-key",
      },
    ]);
  });

  it.each([
    ["dall-e-2", "2023-06-01-preview"],
    ["dall-e-3", "2024-02-01"],
    ["gpt-image-1", "2025-04-01-preview"],
    ["anything-else", "2025-04-01-preview"],
  ])("asks %s with api-version %s where none is named", (model, apiVersion) => {
    const [offer] = settingsWith(listed({ ...three, model })).offers;
    expect(offer?.upstream.apiVersion).toBe(apiVersion);
  });

  it.each([
    ["nothing", [], "IMAGE_DEPLOYMENTS must have"],
    ["no name", [{ model: "dall-e-3", endpoint }], "IMAGE_DEPLOYMENTS.0.name"],
    ["a name that is no name", [{ ...three, name: "a b" }], "IMAGE_DEPLOYMENTS.0.name: must be 1 to 64"],
    ["no model", [{ name: "x", endpoint }], "IMAGE_DEPLOYMENTS.0.model is missing."],
    ["no endpoint", [{ name: "x", model: "dall-e-3" }], "IMAGE_DEPLOYMENTS.0.endpoint"],
    ...[
      "https://x.services.ai.azure.com/api/projects/p",
      "https://x.services.ai.azure.com/api/projects/p/openai/v1/",
      "https://x.services.ai.azure.com/models",
      "https://x.openai.azure.com/openai/deployments/gi/images/generations?api-version=2025-04-01-preview",
      "https://x.openai.azure.com/openai",
    ].map((pasted): [string, object[], string] => [
      `an endpoint pasted as ${pasted}`,
      [{ ...three, endpoint: pasted }],
      "write the resource's own address",
    ]),
    ["an endpoint that is none", [{ ...three, endpoint: "res" }], "IMAGE_DEPLOYMENTS.0.endpoint"],
    ["an unknown kind", [{ ...three, kind: "gcp" }], "IMAGE_DEPLOYMENTS.0.kind"],
    ["no batches", [{ ...three, max_parallel: 0 }], "IMAGE_DEPLOYMENTS.0.max_parallel"],
    ["an unknown field", [three, { ...three, name: "b", key: "x" }], "IMAGE_DEPLOYMENTS.1"],
    ["the same name twice", [three, three, three], "IMAGE_DEPLOYMENTS names three twice."],
  ])("with %s is reported", (_what, deployments, why) => {
    expect(problemsWith(listed(...deployments))).toEqual([expect.stringContaining(why)]);
  });

  it.each(["{", "{}", "7", `"x"`])("that is %s is reported", (text) => {
    expect(problemsWith({ IMAGE_DEPLOYMENTS: text })).toEqual([expect.stringMatching(/^IMAGE_DEPLOYMENTS/)]);
  });

  it("that points at a key which isn't there is reported, with the setting's name", () => {
    expect(problemsWith(listed({ ...three, api_key_setting: "DALLE3_KEY" }))).toEqual([
      "DALLE3_KEY is missing: deployment three names it as the setting that holds its key.",
    ]);
  });

  it("that holds the key itself in place of its setting's name is reported without it", () => {
    expect(problemsWith(listed({ ...three, api_key_setting: "0123456789abcdef0123456789abcdef" }))).toEqual([
      expect.stringMatching(/^IMAGE_DEPLOYMENTS: .*three.*api_key_setting/),
    ]);
  });
});

describe("models of one's own", () => {
  const flux = {
    model: "flux-2",
    protocol: "many-per-call",
    prompt_limit: 500,
    max_images: 4,
    sizes: ["512x512"],
    defaults: { size: "512x512" },
  };
  const withModels = (...models: object[]) => ({
    ...listed({ name: "flux", model: "flux-2", endpoint }),
    IMAGE_MODELS: JSON.stringify(models),
  });

  it("are known without code", () => {
    expect(settingsWith(withModels(flux)).offers[0]?.capability).toEqual({
      model: "flux-2",
      protocol: "many-per-call",
      promptLimit: 500,
      imagesPerJob: 4,
      imagesPerCall: 4,
      sizes: ["512x512"],
      defaults: { size: "512x512" },
      rewritesPrompt: false,
      streaming: false,
      described: true,
    });
  });

  it("that make one image per call are asked for one per call", () => {
    const { offers } = settingsWith(withModels({ ...flux, protocol: "one-per-call" }));
    expect(offers[0]?.capability).toMatchObject({ imagesPerJob: 4, imagesPerCall: 1 });
  });

  it("come before the built-in ones of the same name", () => {
    const { offers } = settingsWith({ IMAGE_MODELS: JSON.stringify([{ ...flux, model: "dall-e-3" }]) });
    expect(offers[0]?.capability.promptLimit).toBe(500);
  });

  it("may have sizes by a rule, and parameters beyond those that Darkroom knows", () => {
    const size_rule = {
      multiple_of: 32,
      max_side: 2048,
      min_pixels: 65_536,
      max_pixels: 4_194_304,
      max_ratio: 2,
    };
    const parameters = {
      seed: { type: "integer", minimum: 0 },
      mode: { type: "string", values: ["a", "b"] },
    };
    const [offer] = settingsWith(withModels({ ...flux, size_rule, parameters })).offers;
    if (!offer) throw new Error("There is one.");
    const check = (given: object) => validateParams({ prompt: "a", ...given }, offer.capability);
    expect(check({ size: "1024x768", parameters: { seed: 7, mode: "b" } })).toEqual([]);
    expect(check({ size: "1000x768", parameters: { seed: -1, mode: "c", hue: 3 } })).toMatchObject([
      { param: "size" },
      { param: "parameters.seed", message: "parameters.seed must be an integer from 0 for flux-2." },
      { param: "parameters.mode", allowed: ["a", "b"] },
      { param: "parameters.hue", allowed: ["seed", "mode"] },
    ]);
    expect(applyDefaults({ prompt: "a", parameters: { seed: 7 } }, offer.capability)).toMatchObject({
      parameters: { seed: 7 },
    });
  });

  it("that nobody describes pass through", () => {
    expect(settingsWith(listed({ ...three, model: "new" })).offers[0]?.capability.described).toBe(false);
  });

  it.each([
    ["no sizes", { ...flux, sizes: [] }, "IMAGE_MODELS.0.sizes"],
    ["an unknown protocol", { ...flux, protocol: "fax" }, "IMAGE_MODELS.0.protocol"],
    ["eleven images", { ...flux, max_images: 11 }, "IMAGE_MODELS.0.max_images"],
    ["no images", { ...flux, max_images: 0 }, "IMAGE_MODELS.0.max_images"],
    ["a prompt longer than a row holds", { ...flux, prompt_limit: 32_001 }, "IMAGE_MODELS.0.prompt_limit"],
    ["an unknown field", { ...flux, speed: "fast" }, "IMAGE_MODELS.0"],
    [
      "a default size that it doesn't have",
      { ...flux, defaults: { size: "1x1" } },
      "IMAGE_MODELS.0.defaults.size",
    ],
    [
      "a default quality that it doesn't have",
      { ...flux, qualities: ["low"], defaults: { size: "512x512", quality: "high" } },
      "IMAGE_MODELS.0.defaults.quality",
    ],
  ])("with %s are reported", (_what, model, where) => {
    expect(problemsWith(withModels(model))).toEqual([expect.stringContaining(where)]);
  });
});

describe("retired names", () => {
  const living = listed({ name: "living", model: "gpt-image-2", endpoint });
  const aliases = (value: object) => ({ ...living, MODEL_ALIASES: JSON.stringify(value) });

  it("stand for nothing unless they are configured, and never for what is deployed", () => {
    expect(settingsWith(living).aliases).toEqual([]);
    expect(settingsWith(aliases({ "gpt-image-2": "living" })).aliases).toEqual([]);
  });

  it.each(["gpt-image-2", "living"])("lead to %s, named as model or as deployment", (runs) => {
    const { aliases: offers } = settingsWith(aliases({ "dall-e-3": runs, old: { runs, as: "dall-e-2" } }));
    expect(
      offers.map(({ deployment, alias }) => [deployment.name, alias?.name, alias?.persona?.model]),
    ).toEqual([
      ["living", "dall-e-3", "dall-e-3"],
      ["living", "old", "dall-e-2"],
    ]);
  });

  it.each([
    [{ "dall-e-3": "gpt-image-9" }, "MODEL_ALIASES.dall-e-3 names neither"],
    [{ old: { runs: "living", as: "dall-e-9" } }, "MODEL_ALIASES.old.as"],
    [{ old: { runs: "living" } }, "MODEL_ALIASES.old"],
    [{ "dall-e-3": "" }, "MODEL_ALIASES.dall-e-3"],
  ])("%j are reported", (value, where) => {
    expect(problemsWith(aliases(value))).toEqual([expect.stringContaining(where)]);
  });
});

describe("quota pools", () => {
  const quotasOf = (...deployments: object[]) =>
    settingsWith(listed(...deployments)).offers.map(({ deployment }) => deployment.quota);

  const said = (...deployments: object[]) => problemsWith(listed(...deployments)).join();

  it("are deployments that share limits, whichever of them says these; each is its own by default", () => {
    const limits = { requests: { count: 6, windowMs: 60_000 }, images: { count: 20, windowMs: 60_000 } };
    expect(
      quotasOf(
        { ...three, quota_pool: "sweden", requests_per_minute: 6 },
        { ...three, name: "four", quota_pool: "sweden", images_per_minute: 20 },
        { ...three, name: "own", requests_per_minute: 3 },
        { ...three, name: "free", max_parallel: 2 },
        { ...three, name: "unknown" },
      ),
    ).toEqual([
      { pool: "sweden", limits },
      { pool: "sweden", limits },
      { pool: "own", limits: { requests: { count: 3, windowMs: 60_000 } } },
      { pool: "free", limits: { parallel: 2 } },
      { pool: "unknown", limits: {} },
    ]);
  });

  it("with two limits of one kind are named at start", () => {
    const pooled = { ...three, quota_pool: "sweden" };
    const two = [
      { ...pooled, requests_per_minute: 3 },
      { ...pooled, name: "b", requests_per_minute: 4 },
    ];
    expect(said(...two)).toContain("quota pool sweden has two different requests_per_minute");
    expect(said({ ...three, requests_per_minute: -1 })).toContain("requests_per_minute");
  });
});

import ExifReader from "exifreader";
import OpenAI from "openai";
import { describe, expect, it } from "vitest";
import { useDarkroom } from "../../support/darkroom.ts";
import type { Job } from "../../../src/contracts/http-api.ts";
import { readDimensions } from "../../../src/domain/image-format/image-header.ts";

/** Nothing deployed but gpt-image-2, which stands in for what callers still ask for. */

const aliases = {
  "dall-e-2": "gpt-image-2",
  "dall-e-3": "gpt-image-2",
  Dalle3: { runs: "gpt-image-2", as: "dall-e-3" },
};
const darkroom = useDarkroom({
  deployments: (place) => [place("gpt-image-2", "gpt-image-2")],
  settings: { MODEL_ALIASES: JSON.stringify(aliases) },
});
const prompt = "A multi-colored umbrella on the beach, disposable camera";

async function sizeOf({ url, b64_json }: { url?: string; b64_json?: string }): Promise<string> {
  const bytes =
    b64_json === undefined
      ? new Uint8Array(await (await fetch(url ?? "")).arrayBuffer())
      : Buffer.from(b64_json, "base64");
  const { width, height } = readDimensions(bytes, "png") ?? {};
  return `${width}x${height}`;
}

const jobOf = async (reply: Response) => darkroom.job(reply.headers.get("x-darkroom-job") ?? "");

describe("requests of the how-to pages for models that are gone", () => {
  it.each(["dall-e-3", "Dalle3"])("of DALL-E 3 are served at the deployment %s", async (deployment) => {
    const reply = await darkroom.postJson(
      `/openai/deployments/${deployment}/images/generations?api-version=2024-02-01`,
      { prompt, size: "1024x1024", n: 1, quality: "hd", style: "vivid" },
    );
    const { data } = (await reply.json()) as { data: { url: string }[] };
    expect([reply.status, reply.headers.get("x-darkroom-model")]).toEqual([200, "gpt-image-2"]);
    expect(await Promise.all(data.map(sizeOf))).toEqual(["1024x1024"]);
    expect(await jobOf(reply)).toMatchObject({
      model: "gpt-image-2",
      request: { prompt, quality: "high", prompt_style: "vivid" },
      requested: { model: deployment, quality: "hd", style: "vivid" },
    });
  });

  it.each(["256x256", "512x512", "1024x1024"])(
    "of DALL-E 2 are served by its protocol, at %s",
    async (size) => {
      const submitted = await darkroom.postJson(
        "/openai/images/generations:submit?api-version=2023-06-01-preview",
        { prompt, size, n: 1 },
      );
      const location = submitted.headers.get("operation-location") ?? "";
      let operation: { status: string; result?: { data: { url: string }[] } };
      do operation = (await (await darkroom.fetch(location)).json()) as typeof operation;
      while (["notRunning", "running"].includes(operation.status));
      const { data = [] } = operation.result ?? {};
      expect([submitted.status, await Promise.all(data.map(sizeOf))]).toEqual([202, [size]]);
      expect(await jobOf(submitted)).toMatchObject({
        model: "gpt-image-2",
        requested: { model: "dall-e-2" },
      });
    },
  );

  it("of both at once, as one page has it, are served as asked", async () => {
    const request = {
      prompt: "A badger wearing a tuxedo",
      n: 1,
      size: "512x512",
      quality: "hd",
      style: "vivid",
    };
    const reply = await darkroom.postJson("/api/images/generations", request, { prefer: "wait=60" });
    expect([reply.status, reply.headers.get("x-darkroom-model")]).toEqual([200, "gpt-image-2"]);
    const { images } = (await reply.json()) as Job;
    expect(images).toMatchObject([{ width: 512, height: 512, provenance: "iptc" }]);
    const file = Buffer.from(await (await fetch(images[0]?.url ?? "")).arrayBuffer());
    const { xmp } = await ExifReader.load(file, { async: true, expanded: true });
    expect(xmp?.["DigitalSourceType"]?.value).toMatch(/\/trainedAlgorithmicMedia$/);
  });
});

describe("OpenAI's client", () => {
  const client = () =>
    new OpenAI({ baseURL: `${darkroom.running.url}/v1`, apiKey: darkroom.running.key ?? "" });

  it("gets what the retired model would have given: sizes, form, links by default", async () => {
    const { data = [] } = await client().images.generate({ model: "dall-e-3", prompt, size: "1024x1792" });
    expect(data[0]).toHaveProperty("url");
    expect(await sizeOf(data[0] ?? {})).toBe("1024x1792");
    const request = {
      ...({ model: "dall-e-2", prompt, size: "256x256", stream: false } as const),
      ...{ response_format: "b64_json" as const },
    };
    const small = await client().images.generate(request);
    expect(await sizeOf(small.data?.[0] ?? {})).toBe("256x256");
  });

  it("finds the retired models listed, and refusals worded as theirs", async () => {
    const ids = (await client().models.list()).data.map(({ id }) => id);
    expect(ids).toEqual(["gpt-image-2", "dall-e-2", "dall-e-3", "Dalle3"]);
    await expect(
      client().images.generate({ model: "dall-e-3", prompt: "never drawn [[refuse]]" }),
    ).rejects.toMatchObject({ status: 400, code: "content_policy_violation" });
  });

  it("is refused what was never a value of either model", async () => {
    const request = { model: "dall-e-3", prompt, size: "1x1" } as unknown as OpenAI.ImageGenerateParams;
    await expect(client().images.generate(request)).rejects.toMatchObject({ status: 400, param: "size" });
  });
});

it("the list of models says what runs under which name", async () => {
  const { models } = (await (await darkroom.fetch("/api/models")).json()) as {
    models: { model: string; runs_on?: string }[];
  };
  expect(models.map(({ model, runs_on }) => [model, runs_on])).toEqual([
    ["gpt-image-2", undefined],
    ["dall-e-2", "gpt-image-2"],
    ["dall-e-3", "gpt-image-2"],
    ["Dalle3", "gpt-image-2"],
  ]);
});

import { setTimeout as sleep } from "node:timers/promises";
import OpenAI, { AzureOpenAI } from "openai";
import { describe, expect, it } from "vitest";
import { useSharedDarkroom } from "../../support/darkroom.ts";
import { aPicture } from "../../support/edits.ts";

const darkroom = useSharedDarkroom();
const version = "?api-version=2023-06-01-preview";
const client = (apiKey = darkroom.running.key ?? "") =>
  new AzureOpenAI({ endpoint: darkroom.running.url, apiKey, apiVersion: "2024-10-21" });

interface Operation {
  id: string;
  status: string;
  result?: { data: { url: string }[] };
  error?: { code: string };
}

describe("DALL-E 2's protocol", () => {
  const submit = async (body: object) =>
    darkroom.postJson(`/openai/images/generations:submit${version}`, body);
  const ended = async (location: string): Promise<Operation> => {
    for (;;) {
      const operation = (await (await darkroom.fetch(location)).json()) as Operation;
      if (!["notRunning", "running"].includes(operation.status)) return operation;
      await sleep(50);
    }
  };

  it.each(["operations", "dalle/operations"])(
    "leads from a submit to pictures at %s, and to a deletion",
    async (place) => {
      const reply = await submit({ prompt: "a lighthouse", n: 2, size: "256x256" });
      const { id, status } = (await reply.json()) as Operation;
      const location = reply.headers.get("operation-location") ?? "";
      expect([reply.status, status, reply.headers.get("x-darkroom-job")]).toEqual([202, "notRunning", id]);
      expect(location).toBe(`${darkroom.running.url}/openai/operations/images/${id}${version}`);
      expect(Number(reply.headers.get("retry-after"))).toBeGreaterThan(0);
      const path = location.replace("/operations", `/${place}`);
      const operation = await ended(path);
      expect(operation).toMatchObject({ id, status: "succeeded" });
      for (const { url } of operation.result?.data ?? []) expect((await fetch(url)).status).toBe(200);
      expect(operation.result?.data).toHaveLength(2);
      expect((await darkroom.fetch(path, { method: "DELETE" })).status).toBe(204);
      expect((await darkroom.fetch(path)).status).toBe(404);
    },
  );

  it("says of each picture that is missing why", async () => {
    const reply = await submit({ prompt: "two of three [[refuse_slots=1]]", n: 3, size: "256x256" });
    const { status, result } = await ended(reply.headers.get("operation-location") ?? "");
    const shown = result?.data.map((entry) =>
      "url" in entry ? "url" : (entry as { error: { code: string } }).error.code,
    );
    expect([status, shown]).toEqual(["succeeded", ["url", "url", "contentFilter"]]);
  });

  it("tells a refusal as an operation that failed, with neither size nor number given", async () => {
    const reply = await submit({ prompt: "never drawn [[refuse]]" });
    expect(await ended(reply.headers.get("operation-location") ?? "")).toMatchObject({
      status: "failed",
      error: { code: "contentFilter" },
    });
  });
});

describe("the requests of Microsoft's how-to pages, but for host and key,", () => {
  const prompt = "A multi-colored umbrella on the beach, disposable camera";
  const pictureOf = async (reply: Response) => {
    const { data } = (await reply.json()) as { data: { url?: string; b64_json?: string }[] };
    return [
      reply.status,
      ...data.map((picture) => (["url", "b64_json"] as const).find((name) => name in picture)),
    ];
  };
  const at = async (model: string) => {
    const { models } = (await (await darkroom.fetch("/api/models")).json()) as {
      models: { model: string; deployments: string[] }[];
    };
    const [deployment = ""] = models.find((each) => each.model === model)?.deployments ?? [];
    return `/openai/deployments/${deployment}/images`;
  };

  it("give a link of DALL-E 3, and bytes of gpt-image, whatever model the body names", async () => {
    const common = { prompt, size: "1024x1024", n: 1 };
    const dalle = { ...common, quality: "hd", style: "vivid" };
    const first = await darkroom.postJson(
      `${await at("dall-e-3")}/generations?api-version=2024-02-01`,
      dalle,
    );
    const { data } = (await first.clone().json()) as { data: object[] };
    const verdicts = { hate: { filtered: false, severity: "safe" } };
    expect(data).toMatchObject([{ content_filter_results: verdicts, prompt_filter_results: verdicts }]);
    expect(await pictureOf(first)).toEqual([200, "url"]);
    const { images } = await darkroom.job(first.headers.get("x-darkroom-job") ?? "");
    expect(images).toMatchObject([{ content_filter_results: verdicts, prompt_filter_results: verdicts }]);
    const image = { ...common, model: "gpt-image-1", quality: "high" };
    const second = await darkroom.postJson(
      `${await at("gpt-image-1")}/generations?api-version=2025-04-01-preview`,
      image,
    );
    expect(await pictureOf(second)).toEqual([200, "b64_json"]);
  });

  it("edit a form's image[]", async () => {
    const form = new FormData();
    form.append("image[]", new Blob([new Uint8Array(await aPicture(5))]), "beach.png");
    const fields = {
      prompt: "Add a beach ball in the center",
      model: "gpt-image-1",
      size: "1024x1024",
      n: "1",
      quality: "high",
    };
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    const reply = await darkroom.fetch(`${await at("gpt-image-1")}/edits?api-version=2025-04-01-preview`, {
      method: "POST",
      body: form,
    });
    expect(await pictureOf(reply)).toEqual([200, "b64_json"]);
  });

  it("stream from Azure's v1 API, its version in a header", async () => {
    const stream = await new OpenAI({
      baseURL: `${darkroom.running.url}/openai/v1/`,
      apiKey: darkroom.running.key ?? "",
      defaultHeaders: { api_version: "preview" },
    }).images.generate({
      model: "gpt-image-1",
      prompt,
      n: 1,
      size: "1024x1024",
      stream: true,
      partial_images: 2,
    });
    const types: string[] = [];
    for await (const { type } of stream) types.push(type);
    expect(types.map((type) => type.replace("image_generation.", ""))).toEqual([
      "partial_image",
      "partial_image",
      "completed",
    ]);
  });
});

describe("errors", () => {
  it("are those that Azure's gateway gives: of a key, and of a deployment that isn't there", async () => {
    const wrong = await fetch(
      `${darkroom.running.url}/openai/deployments/dalle3/images/generations${version}`,
      {
        method: "POST",
        headers: { "api-key": "wrong" },
      },
    );
    expect([wrong.status, wrong.headers.get("x-ms-error-code")]).toEqual([401, "401"]);
    expect(await wrong.json()).toMatchObject({ error: { code: "401" } });
    const unknown = client().images.generate({ model: "nowhere", prompt: "a cat" });
    await expect(unknown).rejects.toMatchObject({ status: 404, code: "DeploymentNotFound" });
    await expect(unknown).rejects.toThrow(/dalle3/);
  });

  it("of a refusal hold what Azure's do", async () => {
    const refusal = client().images.generate({ model: "dalle3", prompt: "never drawn [[refuse]]" });
    await expect(refusal).rejects.toMatchObject({
      status: 400,
      code: "content_policy_violation",
      error: {
        inner_error: {
          code: "ResponsibleAIPolicyViolation",
          content_filter_results: { violence: { filtered: true, severity: "medium" } },
        },
      },
    });
  });
});

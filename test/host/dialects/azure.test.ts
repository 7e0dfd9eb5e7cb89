import { setTimeout as sleep } from "node:timers/promises";
import { AzureOpenAI } from "openai";
import { describe, expect, it } from "vitest";
import { useDarkroom } from "../../support/darkroom.ts";

const darkroom = useDarkroom();
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

  it("tells a refusal as an operation that failed, with neither size nor number given", async () => {
    const reply = await submit({ prompt: "never drawn [[refuse]]" });
    expect(await ended(reply.headers.get("operation-location") ?? "")).toMatchObject({
      status: "failed",
      error: { code: "contentFilter" },
    });
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
      error: { inner_error: { code: "ResponsibleAIPolicyViolation" } },
    });
  });
});

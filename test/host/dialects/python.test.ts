import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CuttingProxy } from "../../support/cutting-proxy.ts";
import { useSharedDarkroom } from "../../support/darkroom.ts";
import { aPicture } from "../../support/edits.ts";
import { findPython, runPythonClient } from "../../support/python-clients.ts";

/** OpenAI's client for Python, where one is installed; skipped elsewhere, with the reason. */

const missing = "needs a Python with the package openai (pip install openai)";
const python = await findPython();

describe.skipIf(python === undefined)(python === undefined ? `Python: ${missing}` : "Python", () => {
  const darkroom = useSharedDarkroom();
  const proxy = new CuttingProxy();
  let folder = "";

  beforeAll(async () => {
    await proxy.listen(darkroom.running.url);
    folder = await mkdtemp(join(tmpdir(), "darkroom-python-"));
    await writeFile(join(folder, "in.png"), await aPicture(6));
  });
  afterAll(async () => {
    await proxy.close();
    await rm(folder, { recursive: true, force: true });
  });

  describe.each([
    { client: "OpenAI", dalle: "dall-e-3", image: "gpt-image-1" },
    { client: "AzureOpenAI", dalle: "dalle3", image: "gpt-image-1" },
  ] as const)("$client", ({ client, dalle, image }) => {
    const call = async (model: string, what: "generate" | "edit", prompt: string) =>
      runPythonClient(python ?? "", {
        client,
        url: proxy.url,
        key: darkroom.running.key ?? "",
        model,
        what,
        prompt,
        file: join(folder, "in.png"),
      });

    it.each([
      ["a picture of DALL-E 3", dalle, "generate"],
      ["a picture of gpt-image", image, "generate"],
      ["an edit", image, "edit"],
    ] as const)("gets %s", async (_what, model, what) => {
      expect(await call(model, what, "a lighthouse")).toMatch(/^[0-9a-f]{64}$/);
    });

    it("is told of a refusal in its own words", async () => {
      expect(await call(dalle, "generate", "never drawn [[refuse]]")).toBe(
        "400 BadRequestError content_policy_violation",
      );
    });

    it("whose connection is cut while the job runs gets its picture for one bill", async () => {
      const prompt = darkroom.unused(`cut off by ${client} [[latency=3000]]`);
      const picture = call(image, "generate", prompt);
      while ((await darkroom.calls(prompt)).length === 0) await sleep(20);
      proxy.cut();
      expect(await picture).toMatch(/^[0-9a-f]{64}$/);
      expect((await darkroom.ledger(prompt)).totals.images_billed).toBe(1);
    });
  });
});

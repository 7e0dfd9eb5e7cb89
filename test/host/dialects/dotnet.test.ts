import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CuttingProxy } from "../../support/cutting-proxy.ts";
import { useSharedDarkroom } from "../../support/darkroom.ts";
import { buildDotnetClients, runDotnetClient } from "../../support/dotnet-clients.ts";
import { aPicture } from "../../support/edits.ts";

/** The official .NET clients by NuGet, where the .NET SDK and NuGet are; skipped elsewhere, with the reason. */

const patienceMs = 240_000;

const darkroom = useSharedDarkroom();
const proxy = new CuttingProxy();
let folder = "";
/** Why the clients can't be built here. */
let missing: string | undefined;

beforeAll(async () => {
  await proxy.listen(darkroom.running.url);
  folder = await mkdtemp(join(tmpdir(), "darkroom-dotnet-"));
  await writeFile(join(folder, "in.png"), await aPicture(6));
  missing = await buildDotnetClients(folder);
}, patienceMs);
afterAll(async () => {
  await proxy.close();
  await rm(folder, { recursive: true, force: true });
});

describe.each([
  { client: "OpenAI", dalle: "dall-e-3", image: "gpt-image-1" },
  { client: "Azure", dalle: "dalle3", image: "gpt-image-1" },
] as const)(".NET's $client client", ({ client, dalle, image }) => {
  const call = async (model: string, what: "generate" | "edit", prompt: string) =>
    runDotnetClient(folder, client, {
      url: proxy.url,
      key: darkroom.running.key ?? "",
      model,
      what,
      prompt,
      file: join(folder, "in.png"),
    });

  it.for([
    ["a picture of DALL-E 3", dalle, "generate"],
    ["a picture of gpt-image", image, "generate"],
    ["an edit", image, "edit"],
  ] as const)("gets %s", async ([, model, what], { skip }) => {
    if (missing !== undefined) return skip(missing);
    expect(await call(model, what, "a lighthouse")).toMatch(/^[0-9A-F]{64}$/);
  });

  it("is told of a refusal in its own words", async ({ skip }) => {
    if (missing !== undefined) return skip(missing);
    expect(await call(dalle, "generate", "never drawn [[refuse]]")).toMatch(
      /^400 .*content_policy_violation/,
    );
  });

  it("whose connection is cut while the job runs gets its picture for one bill", async ({ skip }) => {
    if (missing !== undefined) return skip(missing);
    const prompt = darkroom.unused(`cut off by ${client} [[latency=3000]]`);
    const picture = call(image, "generate", prompt);
    while ((await darkroom.calls(prompt)).length === 0) await sleep(20);
    proxy.cut();
    expect(await picture).toMatch(/^[0-9A-F]{64}$/);
    expect((await darkroom.ledger(prompt)).totals.images_billed).toBe(1);
  });
});

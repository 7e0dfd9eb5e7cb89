import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { answer } from "../../examples/web/site.ts";
import { inBrowser, useBrowser } from "../support/browser.ts";

const client = mkdtempSync(join(tmpdir(), "darkroom-client-"));
const server = createServer((request, response) => {
  const { url, key = "" } = live.darkroom.running;
  answer({ darkroom: url, key, client }, request, response).catch(() => response.destroy());
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const page = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const live = useBrowser({
  settings: { CORS_ORIGINS: page },
  simulatorSettings: { latency_scale: 1 },
});

beforeAll(() => {
  const project = fileURLToPath(new URL("../../packages/client/tsconfig.build.json", import.meta.url));
  const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  execFileSync(process.execPath, [tsc, "-p", project, "--outDir", client]);
});
afterAll(() => {
  server.close();
  rmSync(client, { recursive: true });
});

const patience = { timeout: 30_000 };

inBrowser("the plain list of the examples, a page of another origin", () => {
  it("develops, and goes on where it was when it is reloaded", async () => {
    const tab = await live.visit();
    await tab.goto(page);
    await tab.getByLabel("Prompt").fill("an example's lighthouse [[latency=6000]]");
    await tab.getByRole("button", { name: "Make" }).click();
    const picture = tab.locator("li.developing img[src]");
    await picture.waitFor();
    const coarse = await picture.getAttribute("src");
    await expect.poll(async () => picture.getAttribute("src"), patience).not.toBe(coarse);
    await tab.reload();
    await tab.locator("li.developing img[src]").waitFor();
    await tab.locator("li.made img").waitFor();
    expect(await tab.locator("li").count()).toBe(1);
    await tab.locator("li p", { hasText: /succeeded$/ }).waitFor();
    await expect
      .poll(
        async () =>
          tab.locator("li.made img").evaluate((image) => (image as { naturalWidth?: number }).naturalWidth),
        patience,
      )
      .toBeGreaterThan(256);
    expect((await live.darkroom.ledger("an example's lighthouse")).totals.calls).toBe(1);
  });

  it("says in a row what was refused", async () => {
    const tab = await live.visit();
    await tab.goto(page);
    await tab.getByLabel("Prompt").fill("an example's refusal [[refuse]]");
    await tab.getByRole("button", { name: "Make" }).click();
    await tab.locator("li.failed", { hasText: "refusal" }).waitFor();
  });
});

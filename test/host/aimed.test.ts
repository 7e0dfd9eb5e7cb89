import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { skipWhenAimed } from "../support/aim.ts";
import { useDarkroom } from "../support/darkroom.ts";

/** This tier, aimed at a host that runs already: `DARKROOM_URL=… npm run test:host`. */

skipWhenAimed("aims a suite of its own");

const root = fileURLToPath(new URL("../..", import.meta.url));
const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
const darkroom = useDarkroom();

async function aimedSuite(files: string[], aim: Record<string, string>) {
  // The report of the suite that this test belongs to is not overwritten.
  const report = join(tmpdir(), `darkroom-aimed-${crypto.randomUUID()}.json`);
  const args = ["run", "--project", "host", `--outputFile.json=${report}`, ...files];
  const child = spawn(process.execPath, [vitest, ...args], {
    cwd: root,
    env: { ...process.env, ...aim, NO_COLOR: "1" },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  const [code] = (await once(child, "close")) as [number];
  await rm(report, { force: true });
  return { code, output };
}

it("judges that host by whatever it is given, and says aloud what it skips and why", async () => {
  const { url, key = "" } = darkroom.running;
  const files = ["test/host/bad-input.test.ts", "test/host/parallelism.test.ts", "test/host/kill.test.ts"];
  const { code, output } = await aimedSuite(files, { DARKROOM_URL: url, DARKROOM_KEY: key });
  expect(output).toMatch(new RegExp(`Aimed at ${url}: \\d\\d passed, 4 skipped\\.`));
  expect(output).toContain("2 skipped: needs the simulator, and DARKROOM_SIMULATOR isn't given");
  expect(output).toContain("1 skipped: needs a host with deployments or arguments of its own");
  expect(output).toContain("1 skipped: kills the host");
  expect(output).toContain("parallelism.test.ts > ten images of DALL-E 3 are asked for all at once");
  expect(code).toBe(0);
  // Words for the simulator were kept from a service that may be a real one.
  expect((await darkroom.ledger()).totals.calls).toBe(0);
});

it("steers the simulator whose address it is given, and leaves it as it found it", async () => {
  const { url, key = "", simulator = "" } = darkroom.running;
  const settings = async () => (await fetch(`${simulator}/simulator/settings`)).json();
  await fetch(`${simulator}/simulator/settings`, { method: "PUT", body: `{"latency_scale":0.5}` });
  const before = await settings();
  const aim = { DARKROOM_URL: url, DARKROOM_KEY: key, DARKROOM_SIMULATOR: simulator };
  const { code, output } = await aimedSuite(["test/host/parallelism.test.ts"], aim);
  expect(output).toContain(`Aimed at ${url}: 1 passed, 1 skipped.`);
  expect(code).toBe(0);
  expect((await darkroom.ledger("all at once")).calls).toHaveLength(10);
  expect(await settings()).toEqual(before);
});

it("fails where nobody answers", async () => {
  const { code, output } = await aimedSuite(["test/host/kill.test.ts", "test/host/lists.test.ts"], {
    DARKROOM_URL: "http://127.0.0.1:1",
  });
  expect(output).toContain("Nothing answers at http://127.0.0.1:1, where DARKROOM_URL aims the tests.");
  expect(code).toBe(1);
});

import { expect, it } from "vitest";
import { skipUnlessEmbedded } from "../support/aim.ts";
import { useDarkroom } from "../support/darkroom.ts";
import { runSuite } from "../support/inner-suite.ts";

/** This tier, aimed at a host that runs already: `DARKROOM_URL=… npm run test:host`. */

skipUnlessEmbedded("aims a suite of its own");

const darkroom = useDarkroom();

it("judges that host by whatever it is given, and says aloud what it skips and why", async () => {
  const { url, key = "" } = darkroom.running;
  const files = ["bad-input", "parallelism", "kill"];
  const { code, output } = await runSuite(files, { DARKROOM_URL: url, DARKROOM_KEY: key });
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
  const { code, output } = await runSuite(["parallelism"], aim);
  expect(output).toContain(`Aimed at ${url}: 1 passed, 1 skipped.`);
  expect(code).toBe(0);
  expect((await darkroom.ledger("all at once")).calls).toHaveLength(10);
  expect(await settings()).toEqual(before);
});

it("fails where nobody answers", async () => {
  const { code, output } = await runSuite(["kill", "lists"], {
    DARKROOM_URL: "http://127.0.0.1:1",
  });
  expect(output).toContain("Nothing answers at http://127.0.0.1:1, where DARKROOM_URL aims the tests.");
  expect(code).toBe(1);
});

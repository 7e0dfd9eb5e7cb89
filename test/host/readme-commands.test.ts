import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { skipUnlessEmbedded } from "../support/aim.ts";

skipUnlessEmbedded("starts stacks of its own");

const cwd = fileURLToPath(new URL("../..", import.meta.url));
/** As npm runs it, but for the build, which the tier has done. Throws where it ends with another code than 0. */
const run = (file: string) => promisify(execFile)(process.execPath, [file], { cwd });

it("npm run demo ends with its pictures saved, each link opened, and nothing to complain of", async () => {
  const { stdout, stderr } = await run("scripts/demo.ts");
  expect(stderr).toBe("");
  expect(stdout).toContain("pictures and three edits saved in out/");
});

it("npm run clients has every client get what it asked for", async () => {
  const { stdout } = await run("scripts/clients/main.ts");
  const rows = stdout.trim().split("\n");
  expect(rows.length).toBeGreaterThan(20);
  expect(rows.filter((row) => !row.endsWith("| ok"))).toEqual([]);
});

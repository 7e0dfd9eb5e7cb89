import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const vitest = join(root, "node_modules", "vitest", "vitest.mjs");

/** Runs files of the host tier in a suite of their own, with the environment that says on which host. */
export async function runSuite(files: string[], env: Record<string, string>, named?: string) {
  // The report of the suite that the caller belongs to is not overwritten.
  const report = join(tmpdir(), `darkroom-suite-${crypto.randomUUID()}.json`);
  const paths = files.map((file) => `test/host/${file}.test.ts`);
  const only = named === undefined ? [] : ["--testNamePattern", named];
  const args = ["run", "--project", "host", `--outputFile.json=${report}`, ...only, ...paths];
  const child = spawn(process.execPath, [vitest, ...args], {
    cwd: root,
    env: { ...process.env, ...env, NO_COLOR: "1" },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  const [code] = (await once(child, "close")) as [number];
  await rm(report, { force: true });
  return { code, output };
}

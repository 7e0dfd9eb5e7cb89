import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Of a process that inherits this tier's options and may not strip anything itself. */
function printed(...args: string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ["--no-experimental-strip-types", ...args],
      { cwd: root },
      (_failure, out, error) => resolve(out + error),
    );
  });
}

it.each([
  ["the launcher", ["local/start.ts", "--help"], /^npm start -- \[options\]/],
  ["the host", ["packages/functions-host/src/main.ts"], /^Usage: node /],
  ["the simulator", ["packages/azure-openai-simulator/src/main.ts", "--prot"], /--prot/],
])("%s is run from what was stripped once for all", async (_name, args, text) => {
  expect(await printed(...args)).toMatch(text);
});

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const { scripts } = JSON.parse(readFileSync(`${root}/package.json`, "utf8")) as {
  scripts: Record<string, string>;
};
/** The file of each command that is one of ours, by its name. */
const files = new Map(
  Object.entries(scripts).flatMap(([name, command]) => {
    const [, file] = /\bnode ((?:scripts|local|packages|examples)\/\S+\.ts)/.exec(command) ?? [];
    return file === undefined ? [] : [[file, name] as const];
  }),
);

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

const run = (file: string, ...words: string[]) =>
  new Promise<Ended>((resolve) => {
    const child = execFile(process.execPath, [file, ...words], { cwd: root }, (error, stdout, stderr) =>
      resolve({ code: error ? (child.exitCode ?? 1) : 0, stdout, stderr }),
    );
  });

describe("every command", () => {
  it.each([...files])("%s (npm run %s) says by --help how it is used", async (file) => {
    const { code, stdout, stderr } = await run(file, "--help");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/npm (run|start)/);
  });
});

describe("a wrong command is answered in words, and fails", () => {
  it.each([
    ["local/start.ts", "--nonsense"],
    ["local/start.ts", "--port", "no-number"],
    ["local/start.ts", "--instances", "99"],
    ["scripts/package/main.ts", "--nonsense"],
    ["scripts/bench/bench.ts", "--nonsense"],
    ["scripts/connector/main.ts", "--nonsense"],
    ["scripts/clients/main.ts", "--nonsense"],
    ["scripts/faults/main.ts", "--nonsense"],
    ["scripts/infra/main.ts", "nonsense"],
    ["examples/web/server.ts"],
    ["packages/azure-openai-simulator/src/main.ts", "--nonsense"],
    ["packages/azure-openai-simulator/src/main.ts", "--result-shape", "C"],
  ])("%s %s %s", async (file, ...words) => {
    const { code, stdout, stderr } = await run(file, ...words);
    expect(code).not.toBe(0);
    expect(stderr).not.toMatch(/^\s+at .*:\d+/m);
    expect(`${stdout}${stderr}`.trim()).toMatch(/[a-z]{3,} .*[a-z]{3,}/);
  });
});

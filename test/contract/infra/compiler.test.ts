import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { bicepPaths, readTree } from "../../../scripts/infra/tree.ts";

/** Microsoft's own compiler, wherever it is found. It brings in the published modules, so it needs the network as well. */
const commands = [["bicep"], ["az", "bicep"]];

function works([program = "", ...first]: string[]): boolean {
  try {
    execFileSync(program, [...first, first.length === 0 ? "--version" : "version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const compiler = commands.find(works);
const templates = bicepPaths(await readTree());
const reason = "neither bicep nor az bicep is on this machine";
if (compiler === undefined) process.stderr.write(`Microsoft's compiler has judged no template: ${reason}.\n`);

describe("Microsoft's compiler", () => {
  it.for(templates)("builds %s", { timeout: 120_000 }, (path, { skip }) => {
    skip(compiler === undefined, reason);
    const [program = "", ...first] = compiler ?? [];
    const file = first.length === 0 ? [path] : ["--file", path];
    expect(() =>
      execFileSync(program, [...first, "build", ...file, "--stdout"], { stdio: "pipe" }),
    ).not.toThrow();
  });
});

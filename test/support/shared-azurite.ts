import { createHash } from "node:crypto";
import { globSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import { startAzurite } from "../../local/azurite.ts";

const tests = fileURLToPath(new URL("..", import.meta.url));
// A test file that starts several stacks has an account for each.
const accountsPerFile = 4;

/** One storage emulator for a whole tier, on free ports and in memory, with accounts for each of its test files. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const root = join(tests, "..");
  const tier = `test/${project.name}/**/*.test.ts`;
  const accounts = globSync([tier, `packages/*/${tier}`], { cwd: root }).flatMap((file) =>
    Array.from({ length: accountsPerFile }, (_, index) => accountOf(join(root, file), index)),
  );
  const azurite = await startAzurite(undefined, { accounts });
  project.provide("azurite", azurite.connectionString);
  return () => azurite.stop();
}

/** Files share nothing: accounts are to Azurite what they are to Azure. */
export function accountOf(testFile: string, index = 0): string {
  if (index >= accountsPerFile) throw new Error(`A test file has ${accountsPerFile} storage accounts.`);
  const hash = createHash("sha256").update(relative(tests, testFile)).digest("hex");
  return `t${hash.slice(0, 20)}${index}`;
}

declare module "vitest" {
  interface ProvidedContext {
    /** The connection string of an account that no test file uses. */
    azurite: string;
  }
}

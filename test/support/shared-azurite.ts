import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { basename } from "node:path";
import type { TestProject } from "vitest/node";
import { startAzurite } from "../../local/azurite.ts";

/** One storage emulator for a whole tier, on free ports and in memory, with an account for each test file. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const files = await readdir(new URL("../adapter/", import.meta.url));
  const accounts = files.filter((file) => file.endsWith(".test.ts")).map(accountOf);
  const azurite = await startAzurite(undefined, { accounts });
  project.provide("azurite", azurite.connectionString);
  return () => azurite.stop();
}

/** Files share nothing: accounts are to Azurite what they are to Azure. */
export function accountOf(testFile: string): string {
  return `t${createHash("sha256").update(basename(testFile)).digest("hex").slice(0, 20)}`;
}

declare module "vitest" {
  interface ProvidedContext {
    /** The connection string of an account that no test file uses. */
    azurite: string;
  }
}

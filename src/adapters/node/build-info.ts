import { readFile } from "node:fs/promises";
import * as z from "zod";
import type { BuildInfo, BuildReader } from "../../ports/served-files.ts";

const written = z.object({ version: z.string(), build: z.string() });

/** What the build wrote beside the bundle of itself. Read when first asked for; sources that were not built have none. */
export function builtInfo(address: URL): BuildReader {
  let info: Promise<BuildInfo> | undefined;
  return () => (info ??= load(address));
}

async function load(address: URL): Promise<BuildInfo> {
  try {
    return written.parse(JSON.parse(await readFile(address, "utf8")));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { version: "unbuilt", build: "unbuilt" };
    throw error;
  }
}

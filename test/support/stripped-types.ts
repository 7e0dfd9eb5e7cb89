import { globSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const hook = fileURLToPath(new URL("read-stripped-types.ts", import.meta.url));

/**
 * Strips the types of all that child processes run, once for the whole run. Node does it anew in each process that it
 * starts (its compile cache holds none of it), and that was two thirds of what a host or a simulator took to load.
 */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  const options = process.env["NODE_OPTIONS"] ?? "";
  // Another tier's setup has done it.
  if (options.includes("stripped-types-")) return undefined;
  const folder = await mkdtemp(join(tmpdir(), "stripped-types-"));
  const stripped = join(folder, "hook.mjs");
  await writeFile(stripped, await strip(hook));
  await Promise.all(
    globSync("{local,scripts,packages/*/src}/**/*.ts", { cwd: root }).map(async (name) => {
      const file = join(root, name);
      // Anyone who changes it while tests are watching it runs what is there, not what was.
      const target = `${join(folder, file)}.${(await stat(file)).mtimeMs}.js`;
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, await strip(file));
    }),
  );
  process.env["NODE_OPTIONS"] = `${options} --import=${pathToFileURL(stripped).href}`.trim();
  // What V8 has compiled for one child, of the app or of Azurite, the next ones needn't compile again.
  process.env["NODE_COMPILE_CACHE"] ??= join(folder, "compiled");
  return async () => {
    process.env["NODE_OPTIONS"] = options;
    // Children that are still ending may write into it meanwhile.
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
}

/** Types give way to spaces: lines and columns stay what they are. */
async function strip(file: string): Promise<string> {
  return stripTypeScriptTypes(await readFile(file, "utf8"));
}

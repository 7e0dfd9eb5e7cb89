import { createHash } from "node:crypto";
import { glob, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { buildApp } from "./build-app.ts";
import { startScript } from "./start-script.ts";

startScript(`npm run build [-- --sourcemap]      builds the app into dist/, unless what is there was made of the same;
                                    with source maps for a debugger`);

/** All that a build is made of; packages by what npm says is installed. */
const sources = [
  "{src,gallery,scripts}/**/*.*",
  "connector/apiDefinition.swagger.json",
  "{package,tsconfig,node_modules/.package-lock}.json",
];
const noteFile = "node_modules/.cache/darkroom-build";

const sourcemap = process.argv.includes("--sourcemap");
const made = await digestOf(sources);
// With what came of it: a build that was cut off, or touched since, is made anew.
const note = async () => `${made} ${sourcemap} ${await digestOf(["dist/**/*.*"])}`;
const earlier = await readFile(noteFile, "utf8").catch(() => "");
if (earlier !== (await note())) {
  await buildApp("dist", { sourcemap });
  await mkdir(dirname(noteFile), { recursive: true });
  await writeFile(noteFile, await note());
}

async function digestOf(patterns: readonly string[]): Promise<string> {
  const files: string[] = [];
  for await (const file of glob([...patterns])) files.push(file);
  const hash = createHash("sha256");
  for (const file of files.sort()) hash.update(`${file}\n`).update(await readFile(file));
  return hash.digest("hex");
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { importOf } from "../bench/import-time.ts";
import { median, milliseconds } from "../bench/numbers.ts";
import { type AppPackage, packageApp } from "./package-app.ts";
import { unzipInto } from "./zip.ts";
import { startScript } from "../start-script.ts";

startScript(
  `npm run package [-- --out FOLDER]  makes what is deployed (default: out/package), says how big it is and how fast it loads`,
);

/** `npm run package`: makes what is deployed, says how big it is and how fast it loads, and refuses to grow beyond limits. */

const limits = { zip: 12_000_000, bundle: 1_500_000 };
const imports = 5;

const { values } = parseArgs({ options: { out: { type: "string", default: "out/package" } } });
const made = await packageApp(values.out);
const unzipped = await mkdtemp(join(tmpdir(), "darkroom-package-"));
try {
  await unzipInto(unzipped, made.zip);
  console.log(report(made, await coldImport(unzipped)));
} finally {
  await rm(unzipped, { recursive: true, force: true });
}
const tooLarge = [
  made.zipBytes > limits.zip && `The zip has more than ${megabytes(limits.zip)}.`,
  made.bundleBytes.index > limits.bundle &&
    `dist/index.cjs has more than ${megabytes(limits.bundle)}: what not every instance needs belongs beside it (scripts/build-app.ts).`,
].filter((each) => each !== false);
for (const sentence of tooLarge) console.error(sentence);
if (tooLarge.length > 0) process.exitCode = 1;

async function coldImport(folder: string): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < imports; round += 1)
    times.push((await importOf(join(folder, "dist", "index.cjs"))).ms);
  return median(times);
}

function report(
  { zip, sbom, sha256, zipBytes, bundleBytes, files, packages }: AppPackage,
  cold: number,
): string {
  return [
    `${zip}: ${megabytes(zipBytes)} (limit ${megabytes(limits.zip)}), ${files} files`,
    `  bundle       ${megabytes(bundleBytes.index)} (limit ${megabytes(limits.bundle)}); ${megabytes(bundleBytes.all)} with what is loaded on demand`,
    `  cold import  ${milliseconds(cold)}, median of ${imports} fresh processes`,
    `  sha256       ${sha256}`,
    `${sbom}: ${packages} packages`,
  ].join("\n");
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}

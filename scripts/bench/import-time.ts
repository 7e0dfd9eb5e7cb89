import { build } from "esbuild";
import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { addressOfBundle } from "../build-app.ts";
import { median, milliseconds } from "./numbers.ts";
import type { BenchSize } from "./size.ts";
import type { Row } from "./table.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const run = promisify(execFile);

// A new instance has nothing cached; a cache kept by this machine's settings would hide what it would have to do.
const environment = {
  PATH: process.env["PATH"],
  NODE_DISABLE_COMPILE_CACHE: "1",
  IMAGE_DEPLOYMENTS: JSON.stringify([{ name: "dalle3", model: "dall-e-3", endpoint: "http://127.0.0.1:1" }]),
  AzureWebJobsStorage: "UseDevelopmentStorage=true",
  IMAGES_STORAGE: "UseDevelopmentStorage=true",
  API_KEYS: JSON.stringify({ bench: "0".repeat(64) }),
  SIGNING_KEY: "for-a-start-and-nothing-else-00000000",
};

/** Import time of the deployed bundle, against the same source that takes its packages from node_modules. */
export async function measureImportTime({ rounds, warmUps }: BenchSize["importTime"]): Promise<Row> {
  // Somewhere from which node_modules is found.
  const unbundled = here("../../node_modules/.cache/bench/unbundled.cjs");
  await build({
    entryPoints: [here("../../src/index.ts")],
    outfile: unbundled,
    bundle: true,
    packages: "external",
    platform: "node",
    target: "node22",
    format: "cjs",
    logLevel: "warning",
    ...addressOfBundle,
  });
  const bundled = join(process.env["DARKROOM_APP"] ?? here("../.."), "dist", "index.cjs");
  const times = { bundled: [] as number[], unbundled: [] as number[] };
  for (let round = -warmUps; round < rounds; round += 1) {
    const measured = {
      bundled: (await importOf(bundled)).ms,
      unbundled: (await importOf(unbundled)).ms,
    };
    // The first round only brings the files into memory.
    if (round < 0) continue;
    times.bundled.push(measured.bundled);
    times.unbundled.push(measured.unbundled);
  }
  await rm(unbundled);
  return {
    what: "import time: bundle / unbundled source",
    figures: `${milliseconds(median(times.bundled))} / ${milliseconds(median(times.unbundled))}, nothing cached`,
    ratio: median(times.bundled) / median(times.unbundled),
    as: "percent",
    bound: 0.45,
  };
}

/** Loads one build of the app in a fresh process, with nothing cached: its milliseconds, and the files of the build that it took. */
export async function importOf(entry: string): Promise<{ ms: number; loaded: string[] }> {
  const { stdout } = await run(process.execPath, [here("load-app.ts"), entry], { env: environment });
  return JSON.parse(stdout) as { ms: number; loaded: string[] };
}

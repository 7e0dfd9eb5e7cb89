import { build, type Metafile } from "esbuild";
import { createHash } from "node:crypto";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildPage } from "./build-page.ts";
import { onDemand, onDemandEntries, onDemandModule, ownFile } from "./on-demand.ts";

/**
 * What runs, here and in Azure: one minified file, and beside it the packages that an instance may never need, each
 * loaded when first used (docs/decisions/2026-11-21-bundle.md). What stays outside: the module that the Functions
 * worker provides, and sharp, whose native library can't be bundled and is loaded when the first thumbnail is made.
 */
const external = ["@azure/functions-core", "sharp"];

const rarelyNeeded = [
  "@azure/identity", // where keys are used
  "@fastify/busboy", // where inputs come as forms
  "apache-arrow", // a format of blob lists that is never asked for
  "csv-parse/sync", // where batches come as CSV
  "axios", // the durable client's: needed to start jobs, not to run them
  "http-proxy-agent", // where the environment names a proxy
  "https-proxy-agent", // the same
  "jose", // where tokens are made or sent
  "moment", // the durable library's, for waits and retries
  "openai", // needed to run jobs, not to take or show them
  "undici", // where callers name addresses to fetch from
  "zod-openapi", // where the document is asked for
  "validator", // the durable client's, as axios
];

const ownAddress = "__bundleUrl";
/** Bundled to CommonJS, import.meta is empty; our own code and @azure/storage-common's checksum module want their address. */
export const addressOfBundle = {
  define: { "import.meta.url": ownAddress },
  banner: { js: `const ${ownAddress} = require("node:url").pathToFileURL(__filename).href;` },
};

// The part of our own code that is needed only where somebody listens (src/adapters/telemetry/start.ts), with all it imports.
const telemetry = "src/adapters/telemetry/start.ts";
// The protocol that agents speak, with its SDK.
const mcp = "src/connector/mcp/serve.ts";

// A checksum's WebAssembly, for an option of the storage client that isn't used here.
const checksum = "node_modules/@azure/storage-common/dist/esm/crc64.js";

/** Builds all that is loaded into `outdir`, anew; says what went into each file. Source maps take as long as all the rest. */
export async function buildApp(outdir: string, { sourcemap = false } = {}): Promise<Metafile["outputs"]> {
  await rm(outdir, { recursive: true, force: true });
  const building = build({
    entryPoints: { index: "src/index.ts", telemetry, mcp, crc64: checksum, ...onDemandEntries(rarelyNeeded) },
    plugins: [
      onDemand(rarelyNeeded),
      onDemandModule("crc64", checksum),
      ownFile("telemetry", telemetry),
      ownFile("mcp", mcp),
    ],
    outdir,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    platform: "node",
    target: "node22",
    format: "cjs",
    minify: true,
    // Letters beyond ASCII as they are: their escapes take more room.
    charset: "utf8",
    // The storage client tells its credentials apart by the names of their classes.
    keepNames: true,
    sourcemap,
    external,
    ...addressOfBundle,
    metafile: true,
    logLevel: "warning",
  });
  const [{ metafile }, page] = await Promise.all([building, buildPage(`${outdir}/page`)]);
  // Beside the bundle, not in it: most instances are never asked for it.
  const definition: unknown = JSON.parse(await readFile("connector/apiDefinition.swagger.json", "utf8"));
  await writeFile(`${outdir}/connector.swagger.json`, JSON.stringify(definition));
  await writeBuildInfo(outdir);
  return { ...metafile.outputs, ...page };
}

/** Says which app this is, of its contents alone: two machines that build one source agree. */
async function writeBuildInfo(outdir: string): Promise<void> {
  const { version } = JSON.parse(await readFile("package.json", "utf8")) as { version: string };
  const files = await readdir(outdir, { recursive: true, withFileTypes: true });
  const paths = files
    .filter((file) => file.isFile() && !file.name.endsWith(".map"))
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
  const hash = createHash("sha256");
  for (const path of paths) hash.update(await readFile(path));
  await writeFile(
    `${outdir}/build.json`,
    JSON.stringify({ version, build: hash.digest("hex").slice(0, 12) }),
  );
}

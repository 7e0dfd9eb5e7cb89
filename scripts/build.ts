import { build } from "esbuild";

/**
 * One minified file is what runs, here and in Azure. What stays outside: the module that the Functions worker provides,
 * and sharp, whose native library can't be bundled and is loaded when the first thumbnail is made.
 */
const external = ["@azure/functions-core", "sharp"];

// Bundled to CommonJS, import.meta is empty; @azure/storage-common's checksum module wants its own address.
const ownAddress = "__bundleUrl";

await build({
  entryPoints: { index: "src/index.ts" },
  outdir: "dist",
  outExtension: { ".js": ".cjs" },
  bundle: true,
  platform: "node",
  target: "node22",
  format: "cjs",
  minify: true,
  keepNames: true,
  sourcemap: true,
  external,
  define: { "import.meta.url": ownAddress },
  banner: { js: `const ${ownAddress} = require("node:url").pathToFileURL(__filename).href;` },
  logLevel: "warning",
});

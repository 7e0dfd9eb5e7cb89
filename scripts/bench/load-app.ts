import { createRequire } from "node:module";
import { basename, dirname } from "node:path";
import { createCoreModule, installCoreModule } from "../../packages/functions-host/src/core-module.ts";

/**
 * Loads one build of the app in this fresh process, as a worker would, and prints how many milliseconds that took
 * and which files of the build it loaded: `node load-app.ts ENTRY`. Settings come from the environment.
 */
installCoreModule(createCoreModule("4.0.0", () => undefined));
const entry = process.argv[2] ?? "";
const require = createRequire(import.meta.url);
const started = performance.now();
require(entry);
const ms = performance.now() - started;
const folder = dirname(entry);
const loaded = Object.keys(require.cache).filter((file) => dirname(file) === folder);
console.log(JSON.stringify({ ms, loaded: loaded.map((file) => basename(file)) }));
process.exit();

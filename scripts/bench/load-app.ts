import { createRequire } from "node:module";
import { createCoreModule, installCoreModule } from "../../packages/functions-host/src/core-module.ts";

/**
 * Loads one build of the app in this fresh process, as a worker would, and prints how many milliseconds that took:
 * `node load-app.ts ENTRY`. Settings come from the environment.
 */
installCoreModule(createCoreModule("4.0.0", () => undefined));
const entry = process.argv[2] ?? "";
const require = createRequire(import.meta.url);
const started = performance.now();
require(entry);
console.log(performance.now() - started);
process.exit();

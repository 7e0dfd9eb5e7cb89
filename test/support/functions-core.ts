import { createCoreModule, installCoreModule } from "../../packages/functions-host/src/core-module.ts";

/**
 * What the worker provides to the function library. To be imported before anything else: the library asks for it once, when
 * it is loaded, and remembers that there was none.
 */
export const core = createCoreModule("4.1037.0", () => undefined);
installCoreModule(core);

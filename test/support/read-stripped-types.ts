import { readFileSync, statSync } from "node:fs";
import { registerHooks } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Imported before a child's own module, itself stripped (`stripped-types.ts`): its TypeScript is read from where this lies,
 * without types already.
 */
const folder = dirname(fileURLToPath(import.meta.url));

// Most processes that inherit it run no TypeScript, and are to be as they are without it.
if (process.argv[1]?.endsWith(".ts"))
  registerHooks({
    load(url, context, next) {
      const source = strippedOf(url);
      return source === undefined ? next(url, context) : { format: "module", source, shortCircuit: true };
    },
  });

function strippedOf(url: string): string | undefined {
  if (!url.startsWith("file:") || !url.endsWith(".ts")) return undefined;
  const file = fileURLToPath(url);
  try {
    return readFileSync(`${folder}${file}.${statSync(file).mtimeMs}.js`, "utf8");
  } catch {
    // Changed since, or none of those: Node strips it.
    return undefined;
  }
}

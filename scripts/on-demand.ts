import type { Plugin } from "esbuild";
import { createRequire } from "node:module";
import { basename, resolve } from "node:path";

/**
 * Gives each of the named packages a file of its own beside the bundle, loaded when something of it is first used.
 *
 * esbuild splits ESM output only, and most of these imports stand at the top of other people's modules, where no
 * `import()` can be written. So importers find one getter for each of the package's exports in its place, on a function
 * where the package is one. The file holds the package's `require` flavour, for all importers: two flavours would be two
 * copies with two sets of classes.
 */
export function onDemand(packages: readonly string[]): Plugin {
  const filter = new RegExp(`^(${packages.join("|")})$`);
  const require = createRequire(import.meta.url);
  return {
    name: "on-demand",
    setup(build) {
      build.onResolve({ filter }, ({ path, kind, namespace }) => {
        if (namespace === "package") return undefined;
        return { path, namespace: kind === "entry-point" ? "package" : "getters" };
      });
      build.onLoad({ filter, namespace: "package" }, ({ path }) => ({
        contents: `module.exports = require("${path}");`,
        resolveDir: import.meta.dirname,
      }));
      build.onLoad({ filter, namespace: "getters" }, ({ path }) => {
        const exported = require(path) as object;
        const file = `./${fileOf(path)}.cjs`;
        const names = Object.keys(exported);
        // Who imports a function that names a default takes that.
        const isCalled = typeof exported === "function" && !("default" in exported);
        return { contents: isCalled ? caller(names, file) : getters(names, file) };
      });
      build.onResolve({ filter: /./, namespace: "getters" }, ({ path }) => ({ path, external: true }));
    },
  };
}

/** The same for one module inside a package, of which importers take the default export. */
export function onDemandModule(name: string, module: string): Plugin {
  const namespace = `module-${name}`;
  return {
    name: `on-demand-${name}`,
    setup(build) {
      build.onResolve({ filter: new RegExp(`^\\./${basename(module)}$`) }, ({ path, kind, resolveDir }) =>
        kind === "import-statement" && resolve(resolveDir, path) === resolve(module)
          ? { path, namespace }
          : undefined,
      );
      build.onLoad({ filter: /./, namespace }, () => ({ contents: getters(["default"], `./${name}.cjs`) }));
      build.onResolve({ filter: /./, namespace }, ({ path }) => ({ path, external: true }));
    },
  };
}

/** Leaves a module of ours, which has an entry point of its own, to the file beside the bundle whenever it is `import()`ed. */
export function ownFile(name: string, module: string): Plugin {
  return {
    name: `own-file-${name}`,
    setup(build) {
      build.onResolve({ filter: new RegExp(`/${basename(module)}$`) }, ({ path, kind, resolveDir }) =>
        kind === "dynamic-import" && resolve(resolveDir, path) === resolve(module)
          ? { path: `./${name}.cjs`, external: true }
          : undefined,
      );
    },
  };
}

/** The entry points that make these files. */
export function onDemandEntries(packages: readonly string[]): Record<string, string> {
  return Object.fromEntries(packages.map((name) => [fileOf(name), name]));
}

function fileOf(name: string): string {
  return name.replace(/^@/, "").replaceAll("/", "-");
}

function getters(exported: string[], file: string): string {
  const names = new Set([...exported, "default"].filter((name) => name !== "__esModule"));
  return `exports.__esModule = true; ${defined("exports", [...names], file)}`;
}

/** For a package that is a function itself. */
function caller(exported: string[], file: string): string {
  return `const call = (...values) => require("${file}")(...values);
    ${defined("call", exported, file)}; module.exports = call;`;
}

// One list and one loop: a package may have five hundred exports.
function defined(target: string, names: string[], file: string): string {
  return `for (const name of ${JSON.stringify(names.join(" "))}.split(" "))
    Object.defineProperty(${target}, name, { enumerable: true, get: () => require("${file}")[name] })`;
}

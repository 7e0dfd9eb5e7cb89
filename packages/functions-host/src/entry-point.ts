import { existsSync, globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { extname, join } from "node:path";
import { pathToFileURL } from "node:url";

/** The app's package.json, as far as the worker reads it. */
export interface AppPackage {
  name?: string;
  main?: string;
  type?: string;
}

export function readAppPackage(appDirectory: string): AppPackage {
  const path = join(appDirectory, "package.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as AppPackage) : {};
}

/** The files `main` names, which may be a glob (WRK startApp.ts). */
export function entryPoints(appDirectory: string, { main }: AppPackage): string[] {
  if (main === undefined) throw noApp(`The package.json of ${appDirectory} names no "main".`);
  const files = /[*?[\]{}]/.test(main) ? globSync(main, { cwd: appDirectory }).sort() : [main];
  const found = files.filter((file) => existsSync(join(appDirectory, file)));
  if (found.length === 0) throw noApp(`"main" (${main}) names no file in ${appDirectory}. Is the app built?`);
  return found.map((file) => join(appDirectory, file));
}

/** A mistake of the one who named the folder, which is told in its own words. */
function noApp(message: string): Error {
  return Object.assign(new Error(message), { name: "ConfigurationError" });
}

/** Loads one entry point as Node would: `.mjs` and `type: module` by import, all else by require. */
export async function loadEntryPoint(path: string, { type }: AppPackage): Promise<void> {
  const extension = extname(path);
  const isModule = extension === ".mjs" || (type === "module" && extension !== ".cjs");
  if (isModule) await import(pathToFileURL(path).href);
  else createRequire(path)(path);
}

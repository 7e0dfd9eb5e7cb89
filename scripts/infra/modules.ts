import { execFile } from "node:child_process";
import { access, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join, posix } from "node:path";
import { promisify } from "node:util";
import * as z from "zod";
import type { Tree } from "./tree.ts";

/** A published module as templates name it: `br/public:avm/res/web/site:0.24.0`. */
export interface Module {
  /** Its folder in the repository of public modules, and its name in their registry. */
  path: string;
  version: string;
}

const published = /br\/public:([\w/-]+):([\w.-]+)/g;

export function modulesIn(text: string): Module[] {
  return [...text.matchAll(published)].map(([, path = "", version = ""]) => ({ path, version }));
}

/** Every template of the tree, with the published modules that it and all it is made of name. */
export function modulesByTemplate(tree: Tree): Map<string, Module[]> {
  const needs = (path: string): Module[] => {
    const text = tree.get(path) ?? "";
    const own = [...text.matchAll(/^(?:module \w+|import .* from) '([\w./-]+\.bicep)'/gm)];
    return [
      ...modulesIn(text),
      ...own.flatMap(([, relative = ""]) => needs(posix.join(posix.dirname(path), relative))),
    ];
  };
  const templates = [...tree.keys()].filter((path) => path.endsWith(".bicep"));
  return new Map(templates.map((path) => [path, needs(path)]));
}

const cache = join(homedir(), ".bicep", "br");

/** Below a registry's folder, where the compiler keeps a module: its repository with $ for /, its tag with one behind. */
const placeOf = ({ path, version }: Module) => join(`bicep/${path}`.replaceAll("/", "$"), `${version}$`);

export async function missingModules(modules: Module[]): Promise<Module[]> {
  const registries = await readdir(cache).catch(() => []);
  const isThere = async (module: Module) => {
    const paths = registries.map((registry) => join(cache, registry, placeOf(module), "main.json"));
    const found = await Promise.all(paths.map((path) => access(path).then(always(true), always(false))));
    return found.includes(true);
  };
  const named = new Map(modules.map((module) => [`${module.path}:${module.version}`, module]));
  const all = [...named.values()];
  const there = await Promise.all(all.map(isThere));
  return all.filter((_, index) => !there[index]);
}

const always = (value: boolean) => () => value;
const run = promisify(execFile);

/** The registry that `br/public` stands for, in the compiler's own words on what it has not restored (BCP190). */
async function publicRegistry(compiler: string, { path, version }: Module): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "darkroom-module-"));
  const template = join(folder, "one.bicep");
  await writeFile(template, `module one 'br/public:${path}:${version}' = {}\n`);
  const said = await run(compiler, ["build", template, "--no-restore", "--stdout"]).then(
    () => "",
    (error: unknown) => z.object({ stderr: z.string() }).parse(error).stderr,
  );
  await rm(folder, { recursive: true });
  const [, registry] = /"br:([^/"]+)\/bicep\//.exec(said) ?? [];
  if (registry === undefined) throw new Error(`The compiler doesn't say where it looks for modules: ${said}`);
  return registry;
}

/**
 * Puts modules where the compiler looks for them, from a clone of the public modules' repository: for each version its tag
 * holds the very template that was published. For machines that reach no registry.
 */
export async function fillCache(compiler: string, modules: Module[], clone: string): Promise<void> {
  const missing = await missingModules(modules);
  const [first] = missing;
  if (first === undefined) return;
  const registry = await publicRegistry(compiler, first);
  for (const module of missing) {
    const { path, version } = module;
    const blob = `${path}/${version}:${path}/main.json`;
    const { stdout } = await run("git", ["-C", clone, "cat-file", "blob", blob], { maxBuffer: 2 ** 26 });
    const folder = join(cache, registry, placeOf(module));
    await mkdir(folder, { recursive: true });
    // The compiler takes a folder as complete by these names, and reads the template alone.
    for (const name of ["manifest", "metadata"]) await writeFile(join(folder, name), "{}");
    await writeFile(join(folder, "lock"), "");
    await writeFile(join(folder, "main.json"), stdout);
  }
}

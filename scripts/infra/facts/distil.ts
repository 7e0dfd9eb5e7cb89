import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { bicepPaths, readTree, templateIn } from "../tree.ts";
import { distilModule } from "./distil-modules.ts";
import { ResourceTypes } from "./distil-resources.ts";
import type { Facts } from "./types.ts";

/**
 * Writes what the checks know of the modules and resource types that the templates name:
 *
 *     node scripts/infra/facts/distil.ts --modules CLONE --types CLONE
 *
 * of the git directories of clones of Azure/bicep-registry-modules (with tags) and Azure/bicep-types-az. Wanted after a
 * template names another module, version or resource type; nothing else needs the clones.
 */
const { values } = parseArgs({ options: { modules: { type: "string" }, types: { type: "string" } } });
const git = (directory: string | undefined, ...call: string[]) =>
  execFileSync("git", [`--git-dir=${directory ?? ""}`, ...call], {
    encoding: "utf8",
    maxBuffer: 1 << 30,
    stdio: ["ignore", "pipe", "ignore"],
  });

const typeFiles = git(values.types, "ls-tree", "-r", "--name-only", "HEAD").split("\n");
type TypeFile = ReturnType<ConstructorParameters<typeof ResourceTypes>[0]>[number];
const typesRead = new Map<string, TypeFile>();
const types = new ResourceTypes((provider, version) => {
  const end = `/${provider.toLowerCase()}/${version}/types.json`;
  return typeFiles.filter((file) => file.endsWith(end)).map(readTypes);
});

function readTypes(file: string): TypeFile {
  const known = typesRead.get(file) ?? (JSON.parse(git(values.types, "show", `HEAD:${file}`)) as TypeFile);
  typesRead.set(file, known);
  return known;
}

const { sources, resources } = await namedByTemplates();
const facts: Facts = { modules: {}, resources: {} };
for (const source of sources) {
  const [, path = "", version = ""] = /^br\/public:(.*):(.*)$/.exec(source) ?? [];
  const template: unknown = JSON.parse(git(values.modules, "show", `${path}/${version}:${path}/main.json`));
  facts.modules[source] = distilModule(template as Parameters<typeof distilModule>[0], types);
}
for (const address of resources) {
  const known = types.facts(address);
  if (known) facts.resources[address] = known;
  else console.error(`There is no type ${address}.`);
}
await writeFile(new URL("facts.json", import.meta.url), `${linePerFact(facts)}\n`);

async function namedByTemplates(): Promise<{ sources: string[]; resources: string[] }> {
  const tree = await readTree();
  const read = bicepPaths(tree).flatMap((path) => templateIn(tree, path) ?? []);
  const named = read.flatMap((model) => [
    ...model.modules.map(({ source }) => source).filter((source) => source.startsWith("br/")),
    ...model.resources.map(({ type, apiVersion }) => `${type}@${apiVersion}`),
  ]);
  const once = [...new Set(named)].sort();
  return {
    sources: once.filter((name) => name.startsWith("br/")),
    resources: once.filter((name) => !name.startsWith("br/")),
  };
}

/** A line for every module, type and named shape, so that a change of one shows as one. */
function linePerFact(all: Facts): string {
  const lines = (record: Record<string, unknown>, indent: string) =>
    Object.entries(record)
      .map(([key, value]) => `${indent}${JSON.stringify(key)}: ${JSON.stringify(value)}`)
      .join(",\n");
  return `{\n"modules": {\n${lines(all.modules, "  ")}\n},\n"resources": {\n${lines(all.resources, "  ")}\n}\n}`;
}

import { readdir, readFile } from "node:fs/promises";

/**
 * Every text that the checks read, by its path in the repository. Checks take a tree, not the disk, so that a defect is
 * an edit of one text in memory.
 */
export type Tree = ReadonlyMap<string, string>;

const root = new URL("../../", import.meta.url);
const folders = ["infra", "src", "scripts/deploy", ".github/workflows"];
const files = [
  "azure.yaml",
  "host.json",
  "package.json",
  "local.settings.sample.json",
  "connector/apiDefinition.swagger.json",
  "connector/apiProperties.json",
];
const read = /\.(bicep|bicepparam|json|ts|ya?ml)$/;

export async function readTree(): Promise<Tree> {
  const listed = await Promise.all(folders.map(filesUnder));
  const texts = await Promise.all(
    [...files, ...listed.flat()].map(async (path) => {
      const text = await readFile(new URL(path, root), "utf8").catch(() => undefined);
      return [path, text] as const;
    }),
  );
  return new Map(texts.filter((entry): entry is [string, string] => entry[1] !== undefined).sort());
}

async function filesUnder(folder: string): Promise<string[]> {
  const options = { recursive: true, withFileTypes: true } as const;
  const entries = await readdir(new URL(folder, root), options).catch(() => []);
  const base = root.pathname.length;
  return entries
    .filter((entry) => entry.isFile() && read.test(entry.name))
    .map((entry) => `${entry.parentPath}/${entry.name}`.replaceAll("\\", "/"))
    .map((path) => (path.startsWith("/") ? path.slice(base) : path));
}

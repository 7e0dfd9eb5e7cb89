import { readdir, readFile } from "node:fs/promises";
import { join, sep } from "node:path";

/** Reads the files of a folder in `root`, of those that are wanted, by their paths from there: `dist/index.cjs`. */
export async function filesOf(
  root: string,
  folder: string,
  isWanted: (path: string) => boolean = () => true,
): Promise<Map<string, Uint8Array>> {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(root.length + 1))
    .map((path) => path.split(sep).join("/"))
    .filter(isWanted);
  const read = async (path: string) => [path, await readFile(join(root, path))] as const;
  return new Map(await Promise.all(paths.map(read)));
}

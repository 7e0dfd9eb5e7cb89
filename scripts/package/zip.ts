import { unzipSync, zipSync, type Zippable } from "fflate";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

// The first moment that a zip can tell, by the clock on the wall: the format knows no zones.
const mtime = new Date(1980, 0, 1, 12);
const unix = 3;
// A file that everybody may read, in the place where Unix keeps it.
const attrs = 0o100644 << 16;

/**
 * Zips files: the same bytes for the same files, on every machine. Deflated by code that comes with the lock file: Node's
 * own zlib differs from version to version.
 */
export function zipOf(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const sorted = [...files].sort(([one], [other]) => (one < other ? -1 : 1));
  const entries: Zippable = Object.fromEntries(
    sorted.map(([path, bytes]) => [path, [bytes, { mtime, attrs, os: unix, level: 6 as const }]]),
  );
  return zipSync(entries);
}

export async function unzipInto(folder: string, zip: string): Promise<void> {
  for (const [path, bytes] of Object.entries(unzipSync(await readFile(zip)))) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
}

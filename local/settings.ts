import { createHash, randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Settings by name; a variable of the environment wins over the file. */
export type Settings = Record<string, string>;

/** Reads `Values` of local.settings.json, if there is one. Throws with the file's name when it isn't what it should be. */
export async function readLocalSettings(file: string): Promise<Settings> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return {};
  try {
    const { Values = {} } = JSON.parse(text) as { Values?: Record<string, unknown> };
    return Object.fromEntries(
      Object.entries(Values).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])),
    );
  } catch {
    throw new Error(`${file} is not valid JSON.`);
  }
}

/** A secret that is made once for each data folder, so that keys and signed addresses survive a restart. */
export async function keptSecret(folder: string | undefined, name: string): Promise<string> {
  const fresh = randomBytes(24).toString("base64url");
  if (folder === undefined) return fresh;
  await mkdir(folder, { recursive: true });
  const file = join(folder, name);
  const kept = await readFile(file, "utf8").catch(() => "");
  if (kept !== "") return kept;
  await writeFile(file, fresh, { mode: 0o600 });
  return fresh;
}

export function sha256Hex(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

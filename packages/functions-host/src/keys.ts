import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The host's secrets. System keys belong to extensions and open their webhooks. */
export interface HostKeys {
  master: string;
  host: string;
  system: { durabletask_extension: string; blobs_extension: string };
}

/** Reads the keys of a data folder, making them on first use. */
export function loadKeys(folder: string): HostKeys {
  const path = join(folder, "keys.json");
  if (existsSync(path)) return JSON.parse(readFileSync(path, "utf8")) as HostKeys;
  const key = () => randomBytes(32).toString("base64url");
  const keys: HostKeys = {
    master: key(),
    host: key(),
    system: { durabletask_extension: key(), blobs_extension: key() },
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, `${JSON.stringify(keys, undefined, 2)}\n`, { mode: 0o600 });
  return keys;
}

/** The key a request presents: the header wins over the query (HOST AuthenticationLevelHandler.cs). */
export function presentedKey(headers: Record<string, unknown>, query: URLSearchParams): string | undefined {
  const header = headers["x-functions-key"];
  return typeof header === "string" ? header : (query.get("code") ?? undefined);
}

/** Whether a key opens a function of the given level. An unknown level opens to the master key only. */
export function opensFunction(keys: HostKeys, level: string | undefined, key: string | undefined): boolean {
  switch (level?.toLowerCase()) {
    case undefined:
    case "anonymous":
      return true;
    case "function":
      return key === keys.host || key === keys.master;
    default:
      return key === keys.master;
  }
}

/** Whether a key opens an extension's webhooks. */
export function opensWebhook(
  keys: HostKeys,
  extension: keyof HostKeys["system"],
  key: string | undefined,
): boolean {
  return key === keys.system[extension] || key === keys.master;
}

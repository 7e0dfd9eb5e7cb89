import { readFileSync } from "node:fs";

/** What package-lock.json says of one installed package. */
export interface LockedPackage {
  version: string;
  license?: string;
  integrity?: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

/** Packages by the folder that they are installed in, such as `node_modules/a/node_modules/b`. */
export type Locked = Record<string, LockedPackage>;

export function readLock(): Locked {
  return (JSON.parse(readFileSync("package-lock.json", "utf8")) as { packages: Locked }).packages;
}

/** `@azure/functions` of `node_modules/@azure/functions`. */
export function nameOf(folder: string): string {
  return folder.slice(folder.lastIndexOf("node_modules/") + "node_modules/".length);
}

/** Folders of the packages that this one asks for, found as Node finds them: beside it, then further up. */
export function askedFor(locked: Locked, folder: string): string[] {
  const { dependencies, optionalDependencies, peerDependencies } = locked[folder] ?? {};
  const names = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
  return names.flatMap((name) => {
    for (let from = folder; ; from = from.slice(0, Math.max(0, from.lastIndexOf("/node_modules/")))) {
      const found = `${from === "" ? "" : `${from}/`}node_modules/${name}`;
      if (locked[found]) return [found];
      if (from === "") return [];
    }
  });
}

/** The package with all that it needs. */
export function closureOf(locked: Locked, folder: string, found = new Set<string>()): Set<string> {
  if (found.has(folder)) return found;
  found.add(folder);
  for (const next of askedFor(locked, folder)) closureOf(locked, next, found);
  return found;
}

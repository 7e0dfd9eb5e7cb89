import { readFileSync } from "node:fs";
import { lstat, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";

/**
 * Folders in the system's temporary folder that say which process made them, so that what a killed process left behind is
 * removed by the next one. Several instances may share the temporary folder: what belongs to one that is alive stays.
 */

const leftoverMs = 24 * 60 * 60_000;
const ownStart = startIn(readOwnStat());

/** Makes a folder for this user alone, named `{prefix}{pid}-{start}-…`; `start` is 0 where it can't be known. */
export async function makeTempFolder(directory: string, prefix: string): Promise<string> {
  return mkdtemp(join(directory, `${prefix}${process.pid}-${ownStart ?? 0}-`));
}

/**
 * Removes this user's folders of those prefixes whose process is gone. Those whose process can't be told, for they were named
 * otherwise or the system tells no start times, are removed once they are a day old. Never throws.
 */
export async function removeStaleTempFolders(directory: string, prefixes: readonly string[]): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  for (const name of names) {
    const prefix = prefixes.find((candidate) => name.startsWith(candidate));
    if (prefix === undefined) continue;
    // Gone already, or not to be removed: neither keeps anybody from their work.
    await removeLeftover(join(directory, name), name.slice(prefix.length)).catch(() => undefined);
  }
}

async function removeLeftover(path: string, made: string): Promise<void> {
  const facts = await lstat(path);
  const isOwn = facts.uid === (process.getuid?.() ?? facts.uid);
  if (!facts.isDirectory() || !isOwn) return;
  const isOld = facts.mtimeMs < Date.now() - leftoverMs;
  const maker = await makerOf(made);
  if (maker === "gone" || (maker === "unknown" && isOld)) await rm(path, { recursive: true, force: true });
}

async function makerOf(made: string): Promise<"alive" | "gone" | "unknown"> {
  const [, pid, start] = /^(\d+)-(\d+)-/.exec(made) ?? [];
  if (pid === undefined || start === undefined) return "unknown";
  if (!isAlive(Number(pid))) return "gone";
  const found = startIn(await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined));
  if (found === undefined || start === "0") return "unknown";
  // Ids of processes are given again.
  return found === start ? "alive" : "gone";
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process may not be signaled, and is alive.
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

function readOwnStat(): string | undefined {
  try {
    return readFileSync("/proc/self/stat", "utf8");
  } catch {
    // Only Linux tells.
    return undefined;
  }
}

/** Field 22 of proc(5)'s stat: ticks since boot. The second field is a name in parentheses, which may hold spaces. */
function startIn(stat: string | undefined): string | undefined {
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}

import { mkdirSync, readFileSync, rmSync, statSync, utimes, writeFileSync } from "node:fs";
import { join } from "node:path";

interface Holder {
  pid: number;
  /** Start time of the process where the system tells it: a pid alone may have been given to somebody else. */
  startedAt: string | null;
}

/** Another living host owns the data folder. */
export class FolderInUse extends Error {
  override name = "FolderInUse";
}

export interface FolderLock {
  /** When the process before was last alive, if it was killed: anyone who ends by itself takes its lock away. */
  leftAt: number | undefined;
  /** Gives the folder back. */
  release(): void;
}

// How exactly a lock tells, by its time, when its holder was last alive.
const renewMs = 1_000;

/**
 * Claims a folder for this process, because two hosts appending to one journal would destroy it. A lock left
 * by a killed process is taken over.
 */
export function lockFolder(folder: string): FolderLock {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "lock");
  const mine: Holder = { pid: process.pid, startedAt: startTimeOf(process.pid) };
  let leftAt: number | undefined;
  for (;;) {
    try {
      writeFileSync(path, JSON.stringify(mine), { flag: "wx" });
      const renewing = setInterval(() => renew(path), renewMs).unref();
      const release = () => {
        clearInterval(renewing);
        rmSync(path, { force: true });
      };
      return { leftAt, release };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const holder = readHolder(path);
    if (holder && isAlive(holder)) {
      throw new FolderInUse(`${folder} is in use by another host (process ${holder.pid}).`);
    }
    leftAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    rmSync(path, { force: true });
  }
}

function renew(path: string): void {
  const now = new Date();
  // A folder that was removed needs no time from us.
  utimes(path, now, now, () => undefined);
}

function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Holder;
  } catch {
    // Gone meanwhile, or torn: nobody who is alive wrote it.
    return undefined;
  }
}

function isAlive(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // EPERM means that the process exists and belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  return holder.startedAt === null || holder.startedAt === startTimeOf(holder.pid);
}

/** Field 22 of /proc/PID/stat: clock ticks from boot to the start of the process. Null on other systems. */
function startTimeOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command name may hold spaces, so count from its closing parenthesis.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}

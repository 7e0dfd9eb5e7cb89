import { lstat, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const prefix = "darkroom-received-";

/**
 * Makes a folder for one picture, readable by this user alone. Its name holds the number of this process, so that a later
 * process can tell what a killed one left behind: that is removed before the first folder is made.
 */
export function receivedFolders(directory = tmpdir()): () => Promise<string> {
  let swept: Promise<void> | undefined;
  return async () => {
    await (swept ??= removeLeftovers(directory));
    return mkdtemp(join(directory, `${prefix}${process.pid}-`));
  };
}

async function removeLeftovers(directory: string): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  for (const name of names) {
    const pid = /^darkroom-received-(\d+)-/.exec(name)?.[1];
    // Gone already, or not to be removed: neither keeps a call from its pictures.
    if (pid !== undefined) await removeLeftover(join(directory, name), Number(pid)).catch(() => undefined);
  }
}

/** Whoever else may write to the temporary folder could leave a link there: only a folder of this user is removed. */
async function removeLeftover(path: string, pid: number): Promise<void> {
  const facts = await lstat(path);
  const isOwn = facts.uid === (process.getuid?.() ?? facts.uid);
  if (!facts.isDirectory() || !isOwn || isInUse(pid, facts.mtimeMs)) return;
  await rm(path, { recursive: true, force: true });
}

/** Numbers are used again: a folder with this process's number that is older than the process isn't its own. */
function isInUse(pid: number, changedMs: number): boolean {
  if (pid === process.pid) return changedMs >= Date.now() - process.uptime() * 1_000;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Anything but "no such process" means that there is one.
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}

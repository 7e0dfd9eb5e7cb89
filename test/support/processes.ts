import { existsSync, readFileSync } from "node:fs";

/** Whether a process runs. One that has ended and that nobody has asked about yet doesn't, as far as /proc tells. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !existsSync("/proc") || !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

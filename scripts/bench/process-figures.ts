import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";

/** What a process has used so far, in milliseconds of CPU, by thread. Linux only: it is read from /proc. */
export interface CpuUsed {
  /** Runs JavaScript. */
  main: number;
  /** Where pictures are decoded and encoded: Node's pool and the one of libvips. */
  pictures: number;
  /** V8's own: garbage collection, compilation. */
  engine: number;
}

const ticksPerSecond = 100;

export function cpuUsedBy(pid: number): CpuUsed {
  const used: CpuUsed = { main: 0, pictures: 0, engine: 0 };
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const ms = Number(ofThread(pid, thread, "schedstat").split(" ")[0]) / 1e6;
    const name = ofThread(pid, thread, "comm");
    if (Number(thread) === pid) used.main += ms;
    else if (/^(node|V8Worker|DelayedTask)/.test(name)) used.engine += ms;
    else used.pictures += ms;
  }
  // Threads that have ended are in the process's sum alone: those of libvips come and go.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  const all = ((Number(fields[11]) + Number(fields[12])) * 1_000) / ticksPerSecond;
  used.pictures += Math.max(0, all - used.main - used.pictures - used.engine);
  return used;
}

/** Empty for a thread that ended just now. */
function ofThread(pid: number, thread: string, file: string): string {
  const path = `/proc/${pid}/task/${thread}/${file}`;
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

/** The most memory it has had at once, by the system's count. */
export function peakBytesOf(pid: number): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes) * 1024;
}

/** Sets the peak back to what is resident now (man 5 proc). */
export function forgetPeakOf(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

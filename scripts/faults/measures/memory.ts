import { readFileSync } from "node:fs";
import { type Report, tableOf } from "../report.ts";
import { startStack } from "../stack/stack.ts";
import { ended, post } from "./post.ts";

const calls = 32;
const images = 10;
const imageBytes = 3_000_000;
const maxPeakBytes = 700e6;
const maxRatio = 1.1;

interface Measured {
  /** Resident at its most, in bytes. */
  peak: number;
  makespanMs: number;
  delivered: number;
}

/** Many large answers at once: the peak of the app's process, and how long all take. With two builds, in turn. */
export async function runMemory(
  app: string | undefined,
  versus: string | undefined,
  report: Report,
): Promise<void> {
  if (process.platform !== "linux") {
    console.log("The peak of a process is read from /proc, which this system doesn't have.");
    return;
  }
  const own = await measure(app);
  const other = versus === undefined ? undefined : await measure(versus);
  const row = (name: string, { peak, makespanMs, delivered }: Measured) => [
    name,
    `${Math.round(peak / 1e6)} MB`,
    `${(makespanMs / 1000).toFixed(1)} s`,
    `${delivered} of ${calls * images}`,
  ];
  const rows = [
    row(app ?? "this build", own),
    ...(other && versus !== undefined ? [row(versus, other)] : []),
  ];
  console.log(
    tableOf([`${calls} calls of ${images} × ${imageBytes / 1e6} MB`, "peak", "makespan", "images"], rows),
  );
  const ratio = other ? own.makespanMs / other.makespanMs : undefined;
  if (ratio !== undefined) console.log(`makespan: ${ratio.toFixed(2)} × that of ${versus ?? ""}`);
  const hows = [
    ...(own.peak > maxPeakBytes ? [`the peak is ${Math.round(own.peak / 1e6)} MB`] : []),
    ...(own.delivered < calls * images ? [`${own.delivered} images were delivered`] : []),
    ...(ratio !== undefined && ratio > maxRatio ? [`it takes ${ratio.toFixed(2)} times as long`] : []),
  ];
  report.addEndState(
    "large answers",
    hows.map((how) => ({ invariant: "memory is bounded by bytes in flight", how })),
  );
}

async function measure(app: string | undefined): Promise<Measured> {
  const stack = await startStack({ app, deadlineSeconds: 900, isDirect: true });
  try {
    const pid = stack.instances[0]?.pid() ?? 0;
    const prompt = `A heavy sea [[bytes=${imageBytes}]]`;
    const started = performance.now();
    const ids = await Promise.all(
      Array.from({ length: calls }, () => post(stack, { model: "gpt-image-1", n: images, prompt })),
    );
    const jobs = await Promise.all(ids.map((id) => ended(stack, id)));
    const makespanMs = performance.now() - started;
    return {
      peak: peakOf(pid),
      makespanMs,
      delivered: jobs.reduce((sum, job) => sum + job.images.length, 0),
    };
  } finally {
    await stack.stop();
  }
}

/** VmHWM is the most that was ever resident (man 5 proc). */
function peakOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? NaN) * 1024;
}

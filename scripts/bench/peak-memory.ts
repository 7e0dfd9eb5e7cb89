import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { mebibytes } from "./numbers.ts";
import type { BenchSize } from "./size.ts";
import type { Stack } from "./stack.ts";
import type { Row } from "./table.ts";

/** How far several large pictures in one answer drive the host's memory up. Undefined where there is no /proc to ask. */
export async function measurePeakMemory(
  stack: Stack,
  { images, imageBytes }: BenchSize["memory"],
): Promise<Row | undefined> {
  const process = `/proc/${stack.darkroom.hostPid()}`;
  if (!existsSync(`${process}/status`)) return undefined;
  // What is loaded on first use must not count as the job's.
  await stack.run({ model: "gpt-image-1", prompt: "One small stone" });
  // 5 sets the peak back to what is resident now (man 5 proc).
  writeFileSync(`${process}/clear_refs`, "5");
  const before = kilobytes(process, "VmRSS") * 1024;
  const prompt = `Heavy stones [[bytes=${imageBytes}]]`;
  await stack.run({ model: "gpt-image-1", prompt, n: images });
  const grown = kilobytes(process, "VmHWM") * 1024 - before;
  return {
    what: `peak memory: ${images} images of ${imageBytes / 1e6} MB in one job / one image`,
    figures: `${mebibytes(grown)} above ${mebibytes(before)}`,
    ratio: grown / imageBytes,
  };
}

function kilobytes(process: string, name: string): number {
  const status = readFileSync(`${process}/status`, "utf8");
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? NaN);
}

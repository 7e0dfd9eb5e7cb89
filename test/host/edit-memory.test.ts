import { randomFillSync } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import sharp from "sharp";
import { expect, it } from "vitest";
import { useDarkroom } from "../support/darkroom.ts";
import { runEdit } from "../support/edits.ts";

const megabyte = 2 ** 20;
const darkroom = useDarkroom({ hasOwnEmulator: true });

/** Noise, which nothing makes smaller. */
function noise(width: number, height: number) {
  const pixels = randomFillSync(Buffer.alloc(width * height * 3));
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

function memoryOf(pid: number, field: "VmRSS" | "VmHWM"): number {
  const line = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(line?.[1]) * 1024;
}

/** The most that the host's process, which runs the app, grows by during `work`: Linux keeps count. */
async function growthDuring(work: () => Promise<void>): Promise<number> {
  darkroom.needEmbeddedHost("measures the process that runs the app");
  const pid = darkroom.running.hostPid();
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
  const before = memoryOf(pid, "VmRSS");
  await work();
  return memoryOf(pid, "VmHWM") - before;
}

const isCounted = existsSync("/proc/self/clear_refs");
const unlessCounted = isCounted ? "" : " (SKIPPED: only Linux counts a process's peak)";

it.skipIf(!isCounted)(
  `eight forms of 40 MB at once, half of them photos that are made anew, take less than 500 MB${unlessCounted}`,
  async () => {
    const sent = await noise(3_740, 3_740).png({ compressionLevel: 0 }).toBuffer();
    const photo = noise(4_800, 3_700).withExif({ IFD0: { Make: "Phone" } });
    const cleaned = await photo.jpeg({ quality: 98, chromaSubsampling: "4:4:4" }).toBuffer();
    for (const { length } of [sent, cleaned]) expect(length).toBeGreaterThan(40 * megabyte);

    const growth = await growthDuring(async () => {
      const fields = { prompt: "heavy", size: "1024x1024" };
      const pictures = Array.from({ length: 8 }, (_, index) => (index % 2 ? sent : cleaned));
      const jobs = await Promise.all(
        pictures.map(async (bytes) => runEdit(darkroom, { images: [bytes], fields })),
      );
      expect(jobs.map(({ status }) => status)).toEqual(jobs.map(() => "succeeded"));
    });
    // A figure of nothing would pass as well.
    expect(growth).toBeGreaterThan(10 * megabyte);
    expect(growth).toBeLessThan(500 * megabyte);
  },
  // 320 MB are sent, decoded and made anew: how long that takes is no part of the promise.
  600_000,
);

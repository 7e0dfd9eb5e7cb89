import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { skipUnlessEmbedded } from "../support/aim.ts";

skipUnlessEmbedded("starts stacks of its own");

const bench = fileURLToPath(new URL("../../scripts/bench/bench.ts", import.meta.url));

it("npm run bench -- --smallest ends with its table: every line of it, each with a figure", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [bench, "--smallest"]);
  const [head = "", , ...rows] = stdout.split("\n").filter((line) => line.startsWith("| "));
  const cells = [head, ...rows].map((line) => line.split("|").map((cell) => cell.trim()));
  expect(cells[0]?.slice(1, 5)).toEqual(["what", "figures (medians)", "ratio", "bound"]);
  const measured = cells.slice(1).map(([, what = ""]) => what.replace(/[:/].*/, "").trim());
  expect(measured).toEqual([
    ...["import time", "fan-out", "accept latency", "job overhead", "job overhead", "job overhead"],
    ...["durable history per image", "largest durable value", "event relay"],
    ...["dialect, url", "dialect, b64_json", "wait", "dialect, stream"],
    // Read from /proc, where there is one.
    ...(process.platform === "linux" ? ["peak memory"] : []),
    ...["picture", "list"],
  ]);
  for (const [, , , ratio] of cells.slice(1)) expect(ratio).toMatch(/^\d+(\.\d\d ×| %)$/);
});

it("npm run bench -- storage counts what a job asks of storage, which is within its bounds", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [bench, "storage"]);
  const counts = [...stdout.matchAll(/storage requests: (.+?) \/ (\d+) +\| (\d+) requests/g)];
  expect(counts.map(([, what]) => what)).toEqual(["one image", "gpt-image, n = 10", "DALL-E 3, n = 10"]);
  // A look of the index at a job that has yet to end may come in between: one read for each, every 15 s.
  for (const [, what, bound, count] of counts)
    expect(Number(count), what).toBeLessThanOrEqual(Number(bound) + 2);
});

// Their figures are read from /proc.
it.runIf(process.platform === "linux").each(["race", "load"])(
  "npm run bench -- %s --smallest ends with its table, each line of it with a figure",
  async (which) => {
    const { stdout } = await promisify(execFile)(process.execPath, [bench, which, "--smallest"]);
    const [, ...rows] = stdout
      .slice(stdout.indexOf("| what"))
      .split("\n")
      .filter((line) => /^\| [^-]/.test(line));
    expect(rows.length).toBeGreaterThan(2);
    for (const row of rows) expect(row.split("|")[3]).toMatch(/^ +\d+\.\d\d × *$/);
  },
);

it("npm run bench -- scale: at 100 jobs a second no partition of ours is above its limit", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [bench, "scale", "--smallest"]);
  const partitions = stdout.split("\n").filter((line) => line.startsWith("| table "));
  expect(partitions.join("\n")).toMatch(/pending[^]*busiest caller/);
  for (const line of partitions) expect(line.split("|")[4]).not.toContain("over");
});

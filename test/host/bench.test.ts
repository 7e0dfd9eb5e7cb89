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
    "list",
  ]);
  for (const [, , , ratio] of cells.slice(1)) expect(ratio).toMatch(/^\d+(\.\d\d ×| %)$/);
});

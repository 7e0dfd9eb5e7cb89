import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { createLog, formatLines, gatherLines, minimumLevel } from "../../src/log.ts";

test("every line of a message stands under the time", () => {
  expect(formatLines("one\ntwo", new Date(0))).toBe(
    "[1970-01-01T00:00:00.000Z] one\n[1970-01-01T00:00:00.000Z] two\n",
  );
});

test("the longest matching category decides, whole words only", () => {
  const filter = { default: "warning", Function: "error", "Function.draw.User": "trace" } as const;
  expect(minimumLevel("Function.draw.User", filter)).toBe("trace");
  expect(minimumLevel("Function.draw", filter)).toBe("error");
  expect(minimumLevel("Functional", filter)).toBe("warning");
  expect(minimumLevel("Host", {})).toBe("information");
});

test("what is below the level is dropped, and a level of none silences a category", () => {
  const written: string[] = [];
  const log = createLog((text) => void written.push(text), { default: "warning", Quiet: "none" });
  log("information", "Host", "dropped");
  log("critical", "Quiet", "dropped");
  log("warning", "Host", "kept");
  expect(written).toHaveLength(1);
  expect(written[0]).toContain("kept");
});

test("what one turn of the event loop logs is written at once, in order", async () => {
  const written: string[] = [];
  const write = gatherLines((text) => void written.push(text));
  write("one\n");
  write("two\n");
  expect(written).toEqual([]);
  await setImmediate();
  write("three\n");
  await setImmediate();
  expect(written).toEqual(["one\ntwo\n", "three\n"]);
});

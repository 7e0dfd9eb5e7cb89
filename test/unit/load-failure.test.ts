import { expect, it } from "vitest";
import { LoadFailureWatch } from "../../local/load-failure.ts";

const said = 'Worker was unable to load entry point "dist/index.cjs": Two settings to mend:';
const timed = (...lines: string[]) => lines.map((line) => `[2026-11-30T12:00:00.000Z] ${line}\n`).join("");

it.each([
  ["Core Tools print it", timed("Loading", said, "  - A is missing.", "  - B is no number.", "0 functions")],
  [
    "the bare host prints it",
    `warn: x[0]\n      ${said}\n        - A is missing.\n        - B is no number.\n`,
  ],
])("why an app can't be loaded is read as %s, in however many pieces it comes", (_how, text) => {
  for (const size of [1, 7, text.length]) {
    const watch = new LoadFailureWatch();
    const signs: boolean[] = [];
    for (let at = 0; at < text.length; at += size) signs.push(watch.hear(text.slice(at, at + size)));
    expect(signs.filter(Boolean)).toHaveLength(1);
    expect(watch.reason).toBe("Two settings to mend:\n  - A is missing.\n  - B is no number.");
  }
});

it("a host that found nothing says so, where the app said nothing", () => {
  const watch = new LoadFailureWatch();
  expect(watch.hear(timed("No job functions found. Try making your job classes public."))).toBe(true);
  expect(watch.reason).toContain("no function");
});

it("whatever else is printed is no sign of it", () => {
  const watch = new LoadFailureWatch();
  const lines = ["Host started", "job functions found: 40", "- a list", "Executed 'Functions.x' (Failed)"];
  expect(watch.hear(timed(...lines))).toBe(false);
});

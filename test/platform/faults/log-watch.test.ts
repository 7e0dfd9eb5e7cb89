import { expect, it } from "vitest";
import { LogWatch } from "../../../scripts/faults/stack/log-watch.ts";

it.each([
  ["a link's signature", "GET http://127.0.0.1/images/0.png?se=1&sig=abcdefgh%3D"],
  ["a prompt", "asked: A canary named flt000000001z by night"],
  ["a secret of webhooks", "whsec_abcdefghijkl"],
  ["a caller's key", "api-key: k.e+y(1)"],
])("finds %s in a log, over two pieces too", (what, line) => {
  for (const at of [line.length, line.length >> 1]) {
    const watch = new LogWatch();
    watch.seek("a caller's key", "k.e+y(1)");
    watch.write("all is well\n");
    watch.write(line.slice(0, at));
    watch.write(line.slice(at));
    expect([...watch.found]).toEqual([what]);
  }
});

it("finds nothing in a log that tells nothing", () => {
  const watch = new LogWatch();
  watch.write("job_00000000000000000000000000000000 has ended\n");
  expect([...watch.found]).toEqual([]);
});

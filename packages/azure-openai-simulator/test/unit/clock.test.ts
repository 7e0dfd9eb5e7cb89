import { describe, expect, it } from "vitest";
import { Clock } from "../../src/clock.ts";

describe("the clock", () => {
  it("never wakes anyone early", async () => {
    const clock = new Clock();
    for (let wait = 0; wait < 20; wait += 1) {
      const moment = Date.now() + wait / 2;
      await clock.sleepUntil(moment);
      expect(Date.now()).toBeGreaterThanOrEqual(moment);
    }
  });

  it("wakes everyone when it closes", async () => {
    const clock = new Clock();
    const sleeping = clock.sleepUntil(Date.now() + 3_600_000);
    clock.close();
    await expect(sleeping).rejects.toMatchObject({ name: "AbortError" });
  });
});

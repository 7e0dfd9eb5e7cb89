import { describe, expect, it } from "vitest";
import { inFlightMaximum } from "../../src/ledger-view.ts";

const span = (workFrom: number, workTo?: number) => ({ workFrom, workTo });

describe("the most in flight", () => {
  it.each([
    [[], 0],
    [[span(1, 2), span(3, 4)], 1],
    [[span(1, 3), span(2, 4)], 2],
    [[span(1, 6), span(2, 3), span(4, 5)], 2],
    [[span(1), span(2), span(3, 4)], 3],
  ])("of %j is %i", (spans, most) => {
    expect(inFlightMaximum(spans)).toBe(most);
  });
});

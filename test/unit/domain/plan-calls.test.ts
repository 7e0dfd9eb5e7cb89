import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { partitionCalls, planCalls } from "../../../src/domain/plan-calls.ts";

const n = fc.integer({ min: 1, max: 10 });

describe("a plan of calls", () => {
  it("is n calls of one image for a model that makes one at a time", () => {
    expect(planCalls(3, 1)).toEqual([
      { call: 0, slots: [0] },
      { call: 1, slots: [1] },
      { call: 2, slots: [2] },
    ]);
  });

  it("is one call for up to ten images where the model makes ten at a time", () => {
    expect(planCalls(10, 10)).toEqual([{ call: 0, slots: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] }]);
  });

  it("covers every slot once, in order, in calls that are never too large", () => {
    fc.assert(
      fc.property(n, fc.integer({ min: 1, max: 10 }), (count, perCall) => {
        const calls = planCalls(count, perCall);
        expect(calls.flatMap(({ slots }) => slots)).toEqual(
          Array.from({ length: count }, (_, index) => index),
        );
        expect(calls.every(({ slots }) => slots.length >= 1 && slots.length <= perCall)).toBe(true);
      }),
    );
  });
});

describe("batches", () => {
  it("hold one call each where nothing limits them", () => {
    expect(partitionCalls(planCalls(3, 1)).map((batch) => batch.length)).toEqual([1, 1, 1]);
  });

  it("deal the calls evenly where only two may be in flight", () => {
    expect(partitionCalls(planCalls(5, 1), 2).map((batch) => batch.map(({ call }) => call))).toEqual([
      [0, 2, 4],
      [1, 3],
    ]);
  });

  it("lose no call and are never more than allowed, nor empty", () => {
    fc.assert(
      fc.property(n, fc.integer({ min: 1, max: 20 }), (count, maxParallel) => {
        const batches = partitionCalls(planCalls(count, 1), maxParallel);
        expect(batches.length).toBeLessThanOrEqual(Math.min(count, maxParallel));
        expect(batches.every((batch) => batch.length > 0)).toBe(true);
        expect(
          batches
            .flat()
            .map(({ call }) => call)
            .sort((a, b) => a - b),
        ).toEqual(planCalls(count, 1).map(({ call }) => call));
      }),
    );
  });
});

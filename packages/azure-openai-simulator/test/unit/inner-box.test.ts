import { describe, expect, it } from "vitest";
import { innerBox, outerBox } from "../../src/drawing/inner-box.ts";

const canvas = { width: 480, height: 480 };
const whole = { left: 0, top: 0, ...canvas };
const isInDisc = (x: number, y: number) => (x - 240) ** 2 + (y - 240) ** 2 <= 200 ** 2;

describe("the box around a place", () => {
  it("is tight, and is nothing where nothing is", () => {
    expect(outerBox(canvas, isInDisc)).toEqual({ left: 40, top: 40, width: 401, height: 401 });
    expect(outerBox(canvas, () => false)).toBeUndefined();
  });
});

describe("the box inside a place", () => {
  it("is the place itself when that is a box", () => {
    expect(innerBox(whole, () => true)).toEqual(whole);
  });

  it("holds nothing but the place, and much of it", () => {
    const box = innerBox(whole, isInDisc);
    const corners = [
      [box.left, box.top],
      [box.left + box.width - 1, box.top],
      [box.left, box.top + box.height - 1],
      [box.left + box.width - 1, box.top + box.height - 1],
    ] as const;
    for (const [x, y] of corners) expect(isInDisc(x, y)).toBe(true);
    expect(box.width * box.height).toBeGreaterThan(0.55 * Math.PI * 200 ** 2);
  });

  it("is all there is when the place is too thin for one", () => {
    const thin = { left: 3, top: 4, width: 200, height: 1 };
    expect(innerBox(thin, (x) => x % 2 === 0)).toEqual(thin);
  });
});

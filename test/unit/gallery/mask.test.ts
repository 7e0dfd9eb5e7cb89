import { describe, expect, it } from "vitest";
import {
  blank,
  type Brush,
  describeFrame,
  draw,
  inImage,
  type Mark,
  marked,
  maskOf,
  moved,
  undone,
} from "../../../gallery/model/mask.ts";

const rectangle: Mark = { kind: "rectangle", erases: false, x: 1, y: 2, width: 3, height: 4 };

describe("a mask", () => {
  it("is clear where there is paint, opaque elsewhere, and nothing between", () => {
    const alphas = [0, 1, 127, 128, 200, 255];
    const painted = new Uint8ClampedArray(alphas.flatMap((alpha) => [255, 45, 26, alpha]));
    const { pixels, share } = maskOf(painted);
    expect([...pixels].filter((_, at) => at % 4 === 3)).toEqual([255, 255, 255, 0, 0, 0]);
    expect(share).toBe(0.5);
  });

  it("of nothing has no share", () => {
    expect(maskOf(new Uint8ClampedArray(8)).share).toBe(0);
    expect(maskOf(new Uint8ClampedArray(0)).share).toBe(0);
  });
});

describe("painting", () => {
  it("is undone mark by mark, down to nothing", () => {
    const two = marked(marked(blank, rectangle), { ...rectangle, erases: true });
    expect(undone(two).marks).toEqual([rectangle]);
    expect(undone(undone(undone(two)))).toEqual(blank);
  });

  it("draws in the image's pixels; an eraser takes away", () => {
    const done: unknown[] = [];
    const note =
      (name: string) =>
      (...values: number[]) =>
        void done.push([name, ...values]);
    const brush: Brush = {
      globalCompositeOperation: "",
      fillStyle: "",
      strokeStyle: "",
      lineWidth: 0,
      lineCap: "",
      lineJoin: "",
      beginPath: note("begin"),
      moveTo: note("move"),
      lineTo: note("line"),
      stroke: note("stroke"),
      fillRect: note("fill"),
    };
    draw(brush, rectangle, "red");
    expect([brush.globalCompositeOperation, done]).toEqual(["source-over", [["fill", 1, 2, 3, 4]]]);
    done.length = 0;
    draw(brush, { kind: "stroke", erases: true, size: 9, points: [{ x: 5, y: 6 }] }, "red");
    expect([brush.globalCompositeOperation, brush.lineWidth, brush.lineCap]).toEqual([
      "destination-out",
      9,
      "round",
    ]);
    expect(done).toEqual([["begin"], ["move", 5, 6], ["line", 5.1, 6], ["stroke"]]);
  });

  it("finds its place in the image, however large that is shown", () => {
    const shown = { left: 10, top: 20, width: 100, height: 50 };
    expect(inImage({ x: 60, y: 45 }, shown, { width: 1000, height: 500 })).toEqual({ x: 500, y: 250 });
  });
});

describe("the rectangle of the keys", () => {
  const frame = { x: 0, y: 0.5, width: 0.5, height: 0.5 };

  it("moves and stretches within the image", () => {
    expect(moved(frame, "ArrowRight", false).x).toBe(0.05);
    expect(moved(frame, "ArrowLeft", false).x).toBe(0);
    expect(moved(frame, "ArrowDown", false).y).toBe(0.5);
    expect(moved(frame, "ArrowUp", true).height).toBe(0.45);
    expect(moved(frame, "ArrowDown", true).height).toBe(0.5);
    let narrow = frame;
    for (let press = 0; press < 30; press += 1) narrow = moved(narrow, "ArrowLeft", true);
    expect(narrow.width).toBe(0.05);
  });

  it("is told in words", () => {
    expect(describeFrame(frame)).toBe("50% wide, 50% high, 0% from the left, 50% from the top");
  });
});

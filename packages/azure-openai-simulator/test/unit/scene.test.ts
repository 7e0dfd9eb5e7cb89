import { describe, expect, it } from "vitest";
import { chance, sceneSvg } from "../../src/drawing/scene.ts";

describe("chance", () => {
  it("depends on its key and on nothing else", () => {
    const draws = (key: string) => Array.from({ length: 50 }, chance(key));
    expect(draws("a")).toEqual(draws("a"));
    expect(draws("a")).not.toEqual(draws("b"));
    expect(draws("a").every((number) => number >= 0 && number < 1)).toBe(true);
  });
});

describe("a scene", () => {
  it("has a sky unless it is transparent", () => {
    const scene = { key: "a", width: 64, height: 64, plates: [] };
    expect(sceneSvg({ ...scene, transparent: false })).toContain("url(#sky)");
    expect(sceneSvg({ ...scene, transparent: true })).not.toContain("url(#sky)");
  });
});

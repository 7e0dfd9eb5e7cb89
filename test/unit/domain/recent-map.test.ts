import { expect, it } from "vitest";
import { recentMap } from "../../../src/domain/recent-map.ts";

it("the entries that were written last are kept, so many as it holds", () => {
  const map = recentMap<number>(2);
  map.set("a", 1);
  map.set("b", 2);
  map.set("a", 3);
  map.set("c", 4);
  expect([map.get("a"), map.get("b"), map.get("c")]).toEqual([3, undefined, 4]);
  map.delete("a");
  expect(map.get("a")).toBeUndefined();
});

import { expect, test } from "vitest";
import { parseBlobPath } from "../../../src/triggers/blob-path.ts";

test.each([
  ["inbox/{name}", "a/b.png", { name: "a/b.png" }],
  ["inbox/{name}.json", "a.json", { name: "a" }],
  ["inbox/{name}.json", "a.png", undefined],
  ["inbox/{name}.json", "aXjson", undefined],
  ["inbox/{folder}/{name}.{ext}", "x/y.png", { folder: "x", name: "y", ext: "png" }],
  ["inbox", "anything/at/all", {}],
  ["inbox/fixed.txt", "fixed.txt", {}],
])("the path %s takes %s", (path, name, captured) => {
  expect(parseBlobPath(path).match(name)).toEqual(captured);
});

test("a path tells its container and the fixed beginning of its names", () => {
  expect(parseBlobPath("inbox/in/{name}.json")).toMatchObject({ container: "inbox", prefix: "in/" });
});

test.each(["", "/x", "{container}/x"])("the path %j names no container and is refused", (path) => {
  expect(() => parseBlobPath(path)).toThrow("container");
});

import { expect, test } from "vitest";
import { opensFunction, opensWebhook, presentedKey } from "../../src/keys.ts";

const keys = { master: "m", host: "h", system: { durabletask_extension: "d", blobs_extension: "b" } };

test("the header wins over the query", () => {
  const query = new URLSearchParams("code=query");
  expect(presentedKey({ "x-functions-key": "header" }, query)).toBe("header");
  expect(presentedKey({}, query)).toBe("query");
  expect(presentedKey({}, new URLSearchParams())).toBeUndefined();
});

test.each([
  ["anonymous", undefined, true],
  [undefined, undefined, true],
  ["function", undefined, false],
  ["function", "h", true],
  ["function", "m", true],
  ["function", "d", false],
  ["admin", "h", false],
  ["admin", "m", true],
  ["something else", "h", false],
])("a function of level %s with key %s opens: %s", (level, key, opens) => {
  expect(opensFunction(keys, level, key)).toBe(opens);
});

test("a webhook opens to its own system key and to the master key", () => {
  expect(opensWebhook(keys, "durabletask_extension", "d")).toBe(true);
  expect(opensWebhook(keys, "durabletask_extension", "m")).toBe(true);
  expect(opensWebhook(keys, "durabletask_extension", "b")).toBe(false);
  expect(opensWebhook(keys, "durabletask_extension", undefined)).toBe(false);
});

import { expect, it } from "vitest";
import { memoizeSuccess } from "../../../src/async/memoize-success.ts";

it("is made once, also for those who ask while it is being made", async () => {
  let times = 0;
  const get = memoizeSuccess(async () => (times += 1));
  expect(await Promise.all([get(), get()])).toEqual([1, 1]);
  expect(await get()).toBe(1);
});

it("is made again after it failed", async () => {
  let times = 0;
  const get = memoizeSuccess(async () => {
    times += 1;
    if (times === 1) throw new Error("storage is away");
    return times;
  });
  await expect(get()).rejects.toThrow("storage is away");
  expect(await get()).toBe(2);
});

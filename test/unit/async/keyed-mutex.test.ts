import { expect, it } from "vitest";
import { keyedMutex } from "../../../src/async/keyed-mutex.ts";

it("tasks of one key run one after another, in their order, and those of another key beside them", async () => {
  const inTurn = keyedMutex();
  const seen: string[] = [];
  const gate = Promise.withResolvers<undefined>();
  const first = inTurn("a", async () => {
    await gate.promise;
    seen.push("a1");
  });
  const second = inTurn("a", async () => void seen.push("a2"));
  await inTurn("b", async () => void seen.push("b"));
  gate.resolve(undefined);
  await Promise.all([first, second]);
  expect(seen).toEqual(["b", "a1", "a2"]);
});

it("a task that fails fails its own caller, and keeps nobody waiting", async () => {
  const inTurn = keyedMutex();
  const failed = inTurn("a", () => Promise.reject(new Error("no")));
  const next = inTurn("a", async () => "ran");
  await expect(failed).rejects.toThrow("no");
  expect(await next).toBe("ran");
});

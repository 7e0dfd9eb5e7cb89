import { expect, it } from "vitest";
import { type Asked, idempotencyKeyOf } from "../../../src/jobs/idempotency-key.ts";
import type { JobIds } from "../../../src/ports/jobs.ts";

// Tags are short: two callers may come to share one.
const ids = { tagOf: () => "one-tag" } as Partial<JobIds> as JobIds;
const asked = (change: Partial<Asked>, headers: Record<string, string>) =>
  idempotencyKeyOf(
    { ids },
    { headers: new Headers(headers), caller: "a", route: "r", body: { n: 1 }, ...change },
  );

it("two callers with one tag have idempotency records of their own, by key and by body", () => {
  const key = { "idempotency-key": "k" };
  expect(asked({ caller: "b" }, key)?.name).not.toBe(asked({}, key)?.name);
  const retry = { "x-stainless-retry-count": "1" };
  expect(asked({ caller: "b" }, retry)?.name).not.toBe(asked({}, retry)?.name);
});

it("one key is one name, whatever is asked for; what is asked for shows in the hash, and so does where", () => {
  const key = { "idempotency-key": "k", "x-stainless-retry-count": "1" };
  const idempotencyKey = asked({}, key);
  expect(idempotencyKey).toMatchObject({ kind: "key", tag: "one-tag" });
  for (const change of [{ body: { n: 2 } }, { route: "other" }]) {
    expect(asked(change, key)?.name).toBe(idempotencyKey?.name);
    expect(asked(change, key)?.bodyHash).not.toBe(idempotencyKey?.bodyHash);
  }
});

import { expect, it } from "vitest";
import { type Asked, claimOf } from "../../../src/intake/claim-of.ts";
import type { JobIds } from "../../../src/ports.ts";

// Tags are short: two callers may come to share one.
const ids = { tagOf: () => "one-tag" } as Partial<JobIds> as JobIds;
const asked = (change: Partial<Asked>, headers: Record<string, string>) =>
  claimOf({ ids }, { headers: new Headers(headers), caller: "a", route: "r", body: { n: 1 }, ...change });

it("two callers with one tag have claims of their own, by key and by body", () => {
  const key = { "idempotency-key": "k" };
  expect(asked({ caller: "b" }, key)?.name).not.toBe(asked({}, key)?.name);
  const retry = { "x-stainless-retry-count": "1" };
  expect(asked({ caller: "b" }, retry)?.name).not.toBe(asked({}, retry)?.name);
});

it("one key is one name, whatever is asked for; what is asked for shows in the hash, and so does where", () => {
  const key = { "idempotency-key": "k", "x-stainless-retry-count": "1" };
  const claim = asked({}, key);
  expect(claim).toMatchObject({ kind: "key", tag: "one-tag" });
  for (const change of [{ body: { n: 2 } }, { route: "other" }]) {
    expect(asked(change, key)?.name).toBe(claim?.name);
    expect(asked(change, key)?.bodyHash).not.toBe(claim?.bodyHash);
  }
});

import { describe, expect, it } from "vitest";
import type { HookKey } from "../../../../src/domain/hook.ts";
import { hmacHookIds } from "../../../../src/adapters/crypto/hook-ids.ts";
import { hmacResultSigner } from "../../../../src/adapters/crypto/result-signer.ts";
import { FakeClock } from "../../../support/fakes.ts";

const signingKey = "a signing key of more than 32 characters";
const ids = hmacHookIds(signingKey);
const url = "https://engine.example/callback?sig=s3cret";
const name = ids.nameOf("key:phone", url);
const jobId = `job_${"7".repeat(32)}`;
const keys: HookKey[] = [
  { kind: "hook", callerTag: "7zxw0n3k1c5q", name },
  { kind: "callback", jobId, name },
];

describe.each(keys)("the id of a $kind", (key) => {
  it("is the same whenever it is made, and is read back", () => {
    const id = ids.write(key);
    expect([ids.write({ ...key }), ids.read(id)]).toEqual([id, key]);
    // It stands in a path, as it is.
    expect(encodeURIComponent(id)).toBe(id);
  });

  it("is nobody else's to make: not with another key, of another hook, nor from a name alone", () => {
    const id = ids.write(key);
    const forged = [
      hmacHookIds("another signing key of 32 characters").write(key),
      id.replace(name, "f".repeat(32)),
      `${id.slice(0, -1)}${id.endsWith("A") ? "B" : "A"}`,
      id.slice(0, -43) + ids.write({ kind: "callback", jobId, name: "f".repeat(32) }).slice(-43),
      id.slice(0, -43) + hmacResultSigner(signingKey, 1, new FakeClock()).sign(jobId).signature,
    ];
    expect(forged.map((text) => ids.read(text))).toEqual(forged.map(() => undefined));
  });
});

it("a name is of one address and one caller, and tells neither", () => {
  expect(ids.nameOf("key:phone", url)).toBe(name);
  expect(new Set([name, ids.nameOf("key:tablet", url), ids.nameOf("key:phone", `${url}2`)]).size).toBe(3);
  expect(name).toMatch(/^[0-9a-f]{32}$/);
});

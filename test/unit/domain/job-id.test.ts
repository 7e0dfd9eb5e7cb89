import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { callerTag, makeId, ownerTag, tagOfId } from "../../../src/domain/job-id.ts";

const hashOf = (caller: string) => createHash("sha256").update(caller).digest();
const chance = fc.uint8Array({ minLength: 7, maxLength: 7 });
const time = fc.integer({ min: 0, max: Date.UTC(2200, 0, 1) });

describe("a job id", () => {
  it("sorts before every older one, whatever chance adds", () => {
    fc.assert(
      fc.property(time, fc.integer({ min: 1, max: 1e9 }), chance, chance, (older, later, a, b) => {
        const hash = hashOf("one");
        expect(makeId("job", older + later, hash, a) < makeId("job", older, hash, b)).toBe(true);
      }),
    );
  });

  it("carries its caller's tag", () => {
    fc.assert(
      fc.property(fc.string(), time, chance, (caller, at, random) => {
        expect(tagOfId("job", makeId("job", at, hashOf(caller), random))).toBe(callerTag(hashOf(caller)));
      }),
    );
  });

  it("differs by chance alone", () => {
    expect(makeId("job", 1, hashOf("one"), new Uint8Array(7))).not.toBe(
      makeId("job", 1, hashOf("one"), new Uint8Array(7).fill(1)),
    );
  });

  it("fits what the durable host and a table key allow", () => {
    expect(makeId("job", Date.UTC(2026, 0, 1), hashOf("one"), new Uint8Array(7))).toMatch(
      /^job_[0-9a-z]{32}$/,
    );
  });

  it.each([
    "",
    "job_",
    "job_../../secrets",
    `job_${"u".repeat(32)}`,
    `JOB_${"0".repeat(32)}`,
    `job_${"0".repeat(33)}`,
  ])("is not found in %j", (text) => {
    expect(tagOfId("job", text)).toBeUndefined();
    expect(() => ownerTag("job", text)).toThrow(TypeError);
  });

  it("refuses too little chance rather than making a short id", () => {
    expect(() => makeId("job", 1, hashOf("one"), new Uint8Array(6))).toThrow(RangeError);
  });
});

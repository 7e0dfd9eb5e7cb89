import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hmacResultSigner } from "../../../../src/adapters/crypto/result-signer.ts";
import { FakeClock } from "../../../support/fakes.ts";

const clock = new FakeClock("2026-03-04T05:06:07.890Z");
const key = "a signing key of more than 32 characters";
const signer = hmacResultSigner(key, 2, clock);
const job = "job_one";

describe("a signature", () => {
  it("holds for its job until it expires, in whole seconds, and is the same all hour", () => {
    const given = signer.sign(job);
    expect(given.expires).toBe(String(Date.parse("2026-03-04T08:00:00Z") / 1000));
    expect(hmacResultSigner(key, 2, new FakeClock("2026-03-04T05:59:59.999Z")).sign(job)).toEqual(given);
    expect(signer.verify(job, given)).toBe(true);
  });

  it("can stand in an address as it is", () => {
    fc.assert(fc.property(fc.string(), (id) => /^[\w-]{43}$/.test(signer.sign(id).signature)));
  });

  it("is over at its expiry", () => {
    const later = new FakeClock("2026-03-04T05:00:00.000Z");
    const own = hmacResultSigner(key, 2, later);
    const given = own.sign(job);
    later.pass(3 * 3_600_000 - 1);
    expect(own.verify(job, given)).toBe(true);
    later.pass(1);
    expect(own.verify(job, given)).toBe(false);
  });

  it("of another job doesn't hold", () => {
    expect(signer.verify("job_two", signer.sign(job))).toBe(false);
  });

  it("made with another key doesn't hold", () => {
    expect(signer.verify(job, hmacResultSigner(`${key}!`, 2, clock).sign(job))).toBe(false);
  });

  it.each(["", "x", "é".repeat(43), "A".repeat(43), "A".repeat(44)])("of %j doesn't hold", (signature) => {
    expect(signer.verify(job, { ...signer.sign(job), signature })).toBe(false);
  });

  it.each(["", "0", "99999999999", "1e99", "Infinity", "NaN"])(
    "doesn't hold with its expiry put to %j",
    (expires) => {
      expect(signer.verify(job, { ...signer.sign(job), expires })).toBe(false);
    },
  );

  it("isn't moved from job to expiry by a line break", () => {
    const { expires, signature } = signer.sign(`${job}\n9999999999`);
    expect(signer.verify(job, { expires: `9999999999\n${expires}`, signature })).toBe(false);
  });
});

import { describe, expect, it } from "vitest";
import { purposeSigner } from "../../../../src/adapters/crypto/purpose-signer.ts";

const key = "0123456789abcdef0123456789abcdef";
const results = purposeSigner(key, "result");

describe("a signer for a purpose", () => {
  it("knows its own signatures again", () => {
    expect(results.isGenuine("job_1", results.sign("job_1"))).toBe(true);
  });

  it("refuses a signature of another text, purpose or key, one that is cut short, and none", () => {
    const forged = [
      results.sign("job_2"),
      purposeSigner(key, "cursor").sign("job_1"),
      purposeSigner(key.toUpperCase(), "result").sign("job_1"),
      results.sign("job_1").slice(1),
      "",
    ];
    expect(forged.map((signature) => results.isGenuine("job_1", signature))).toEqual(forged.map(() => false));
  });

  it("signs as it always has: addresses that were given out go on working", () => {
    expect(results.sign("job_1\n1795305600")).toBe("9I90eHR3f2DOaN35FPxMRHCsiXztndUQnNVsFqj__1s");
  });
});

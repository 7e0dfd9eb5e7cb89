import { expect, it } from "vitest";
import { useDarkroom } from "../support/darkroom.ts";
import { aPicture, refusedEdit, storageOf } from "../support/edits.ts";
import { hostileImages } from "../support/hostile-images.ts";

const darkroom = useDarkroom();

const statusOf = { accepted: 0, invalidRequest: 400, tooLarge: 413, unsupportedMedia: 415 };

/**
 * Every fifth of those that are small and refused; the unit tests take them all. Left out: pictures that only the corpus's
 * own limit of 64,000,000 pixels refuses, and WebP, of which a damaged one is refused for its kind already.
 */
const sample = hostileImages
  .filter(({ name, expect: end }) => end !== "accepted" && !/WebP/.test(name))
  .filter(({ about }) => !/ 64,\d{3},\d{3}/.test(about?.source ?? ""))
  .flatMap(({ bytes, ...hostile }) => {
    const made = bytes();
    return made instanceof Uint8Array ? [{ ...hostile, bytes: made }] : [];
  })
  .filter((_, index) => index % 5 === 0);

it("hostile images are refused by the name of their part, whichever way they come", async () => {
  expect(sample.length).toBeGreaterThanOrEqual(25);
  const before = await storageOf(darkroom).names("uploads");
  const good = await aPicture(1);
  for (const { name, bytes, expect: code, about = /./ } of sample) {
    const images = [good, bytes].map((one) => ({ b64_json: Buffer.from(one).toString("base64") }));
    const ways = [
      ["image[1]", { images: [good, bytes], fields: { prompt: "hostile" } }],
      ["images.1.b64_json", { prompt: "hostile", images }],
    ] as const;
    for (const [param, body] of ways) {
      const refusal = await refusedEdit(darkroom, body);
      expect(refusal, name).toMatchObject({ status: statusOf[code], code, param, retryable: false });
      expect(refusal.message.slice(`${param} `.length).replace(/\.$/, ""), name).toMatch(about);
    }
  }
  expect((await darkroom.ledger()).totals.calls).toBe(0);
  expect(await storageOf(darkroom).names("uploads")).toEqual(before);
});

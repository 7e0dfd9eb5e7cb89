import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hostileImages } from "../../../support/hostile-images.ts";
import { inspect } from "../../../support/inspect-image.ts";

const files = hostileImages.flatMap(({ name, bytes }) => {
  const file = bytes();
  return file instanceof Uint8Array && file.length <= 20_000 ? [{ name, file }] : [];
});
const intact = files.filter(({ file }) => !("code" in inspect(file))).map(({ file }) => file);

/** What may befall a file on its way. */
const mishap = fc.oneof(
  fc.record({ kind: fc.constant("flip"), at: fc.nat(), by: fc.integer({ min: 1, max: 255 }) }),
  fc.record({ kind: fc.constant("drop"), at: fc.nat(), by: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ kind: fc.constant("repeat"), at: fc.nat(), by: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ kind: fc.constant("cut"), at: fc.nat(), by: fc.constant(0) }),
);
type Mishap = typeof mishap extends fc.Arbitrary<infer T> ? T : never;

function suffer(file: Uint8Array, { kind, at, by }: Mishap): Uint8Array {
  const place = at % (file.length + 1);
  const rest = file.subarray(place);
  if (kind === "flip") return file.map((byte, index) => (index === place ? byte ^ by : byte));
  if (kind === "drop") return Buffer.concat([file.subarray(0, place), rest.subarray(by)]);
  if (kind === "repeat") return Buffer.concat([file.subarray(0, place), rest.subarray(0, by), rest]);
  return file.subarray(0, place);
}

describe("the verdict", () => {
  it.each([[[1]], [[7]], [[13, 1, 64]], [[8, 25]], [[4096, 3]]])(
    "is the same when bytes come in chunks of %j and are written over afterwards",
    (sizes) => {
      for (const { name, file } of files) expect(inspect(file, sizes), name).toEqual(inspect(file));
    },
  );

  it("on whatever became of an image is the same for all ways of chunking, and never a crash", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        fc.constantFrom(...intact),
        fc.array(mishap, { maxLength: 4 }),
        sizes,
        (file, mishaps, some) => {
          const bent = mishaps.reduce(suffer, file);
          expect(inspect(bent, some)).toEqual(inspect(bent));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("on any bytes behind a signature is the same for all ways of chunking, and never a crash", () => {
    const starts = [
      "",
      "\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
      "\xff\xd8\xff",
      "RIFF\x40\0\0\0WEBPVP8X\x0a\0\0\0",
      "\0\0\0\x20ftyp",
    ];
    const start = fc.constantFrom(...starts).map((text) => Buffer.from(text, "latin1"));
    fc.assert(
      fc.property(
        start,
        fc.uint8Array({ maxLength: 200 }),
        fc.integer({ min: 1, max: 50 }),
        (first, rest, size) => {
          const file = Buffer.concat([first, rest]);
          expect(inspect(file, [size])).toEqual(inspect(file));
        },
      ),
      { numRuns: 2000 },
    );
  });
});

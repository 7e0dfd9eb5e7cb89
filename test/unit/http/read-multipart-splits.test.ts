import fc from "fast-check";
import { expect, it } from "vitest";
import { AppError } from "../../../src/domain/app-error.ts";
import {
  arriving,
  boundary,
  contentOf,
  file,
  form,
  part,
  named,
  sha256,
  text,
} from "../../support/multipart.ts";

// Pieces that make content look like boundaries, so that searches stop and start again in the middle of it.
const piece = fc.oneof(
  fc.constantFrom(
    "\r",
    "\n",
    "\r\n",
    "-",
    "--",
    `\r\n--${boundary.slice(0, -1)}`,
    `\r\n--`,
    boundary.slice(2),
  ),
  fc.string({ unit: "binary-ascii", maxLength: 12 }),
);
const content = fc
  .tuple(fc.array(piece, { maxLength: 30 }), fc.uint8Array({ maxLength: 300 }))
  .map(([pieces, tail]) => Buffer.concat([Buffer.from(pieces.join("")), tail]))
  .filter((bytes) => !`\r\n${bytes.toString("latin1")}`.includes(`\r\n--${boundary}`));
const cuts = fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 20 });

it("random cuts never change what is read: every file byte for byte", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(content, { minLength: 1, maxLength: 3 }),
      content,
      cuts,
      async (images, mask, chunk) => {
        const files = images.map((bytes, i) =>
          i % 2 ? file("image[]", bytes) : part(named("image"), bytes),
        );
        const body = form(text("prompt", "größe"), ...files, text("n", "2"), file("mask", mask));
        expect(await contentOf(arriving(body, { chunk }).request, undefined, sha256)).toEqual({
          fields: { prompt: "größe", n: "2" },
          images: images.map((bytes, i) => `${i % 2 ? "image[]" : "image"} image ${i} ${sha256(bytes)}`),
          mask: `mask mask 0 ${sha256(mask)}`,
        });
      },
    ),
    { numRuns: 150 },
  );
});

it("random damage ends in a form or a fault, in nothing else and never in silence", async () => {
  const whole = form(
    text("prompt", "a cat"),
    file("image", "\r\nPNG\r\n--"),
    part([named("image[]"), "X: y", " folded"], "two"),
    text("n", "2"),
    file("mask", "hole"),
  );
  const damage = fc.record({
    at: fc.nat({ max: whole.length - 1 }),
    removed: fc.integer({ min: 0, max: 4 }),
    put: fc.oneof(
      fc.uint8Array({ maxLength: 4 }),
      piece.map((each) => Buffer.from(each)),
      fc.constant(Buffer.from(`\r\n--${boundary}`)),
    ),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(damage, { minLength: 1, maxLength: 6 }),
      cuts,
      fc.boolean(),
      async (hits, chunk, isLost) => {
        const body = hits.reduce<Buffer>(
          (bytes, { at, removed, put }) =>
            Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + removed)]),
          whole,
        );
        const lost = isLost ? { lost: new Error("ECONNRESET") } : {};
        const ended: unknown = await contentOf(arriving(body, { chunk, ...lost }).request).catch(
          (error: unknown) => error,
        );
        expect(!(ended instanceof Error) || ended instanceof AppError).toBe(true);
      },
    ),
    { numRuns: 400 },
  );
});

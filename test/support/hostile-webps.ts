import sharp from "sharp";
import { accepted, broken, cut, type ImageCase, tooLarge, unsupported } from "./image-case.ts";
import { exifOf, joined, riffChunk, vp8, vp8l, vp8x, webpOf } from "./image-parts.ts";
import { drawn, drawnFacts, withMetadata } from "./real-images.ts";

const lossy = await drawn().webp().toBuffer();
const facts = drawnFacts("webp");
const withAlpha = { ...facts, hasAlpha: true };
const withExtras = { ...facts, hasExtras: true };
const frames = [await drawn(3).png().toBuffer(), await drawn(4).png().toBuffer()];
const moving = await sharp(frames, { join: { animated: true } })
  .webp()
  .toBuffer();
const turned = (value: number, prefix = "") =>
  webpOf([vp8x({ flags: 8 }), vp8(), riffChunk("EXIF", joined(prefix, exifOf("MM", { value })))]);
const exif = { hasExtras: true };

const good: ImageCase[] = [
  accepted("a lossy WebP", lossy, { ...facts, bytes: lossy.length }),
  accepted("a lossless WebP", await drawn().webp({ lossless: true }).toBuffer(), facts),
  accepted("a lossy WebP with alpha", await drawn(4).webp().toBuffer(), withAlpha),
  accepted("a lossless WebP with alpha", await drawn(4).webp({ lossless: true }).toBuffer(), withAlpha),
  ...[1, 2, 3, 4, 5, 6, 7, 8].map((orientation) =>
    accepted(`a WebP with EXIF orientation ${orientation}`, turned(orientation), { ...exif, orientation }),
  ),
  accepted(
    "a WebP with two EXIFs, the first of which counts,",
    webpOf([vp8x(), vp8(), ...[3, 6].map((value) => riffChunk("EXIF", exifOf("II", { value })))]),
    { ...exif, orientation: 3 },
  ),
  accepted("a WebP with an empty chunk at its end", webpOf([vp8x(), vp8(), riffChunk("ICCP")]), {
    hasExtras: false,
  }),
  accepted("a WebP whose EXIF begins as a JPEG's", turned(6, "Exif\0\0"), { ...exif, orientation: 6 }),
  accepted("a WebP with alpha in its canvas alone", webpOf([vp8x({ flags: 0x10 }), vp8()]), {
    hasAlpha: true,
  }),
  accepted("a WebP with an alpha chunk", webpOf([vp8x(), riffChunk("ALPH", "\0"), vp8()]), {
    hasAlpha: true,
    hasExtras: false,
  }),
  accepted("a WebP with a chunk nobody knows", webpOf([vp8x(), riffChunk("EVIL", "odd"), vp8()]), exif),
  accepted("a WebP with a ZIP archive behind its end", joined(lossy, "PK\x03\x04"), {
    ...withExtras,
    bytes: lossy.length + 4,
  }),
  accepted("a WebP with bytes too few for a chunk", webpOf([vp8l(), joined("four")]), exif),
  accepted("a WebP whose last chunk lacks its padding", webpOf([vp8l().subarray(0, -1)]), {
    hasExtras: false,
  }),
  ...(await withMetadata("a WebP", "webp")),
];

const bad: ImageCase[] = [
  unsupported("an animated WebP", /is an animated WebP/, moving),
  unsupported(
    "a WebP with a frame and no animation flag",
    /is an animated WebP/,
    webpOf([vp8x(), riffChunk("ANMF", "frame"), vp8()]),
  ),
  unsupported(
    "a WebP with animation settings and no flag",
    /is an animated WebP/,
    webpOf([vp8x(), riffChunk("ANIM", "settings"), vp8()]),
  ),
  unsupported(
    "a WebP with nothing but the flag of animation",
    /is an animated WebP/,
    webpOf([vp8x({ flags: 2 }), vp8()]),
  ),
  tooLarge(
    "a WebP canvas of 16777216 pixels each way",
    /16777216x16777216/,
    webpOf([vp8x({ width: 2 ** 24, height: 2 ** 24 })]),
  ),
  tooLarge(
    "a lossless WebP bomb of 16384x16384 pixels",
    /16384x16384 pixels, 268,435,456 in all/,
    webpOf([vp8l({ width: 16_384, height: 16_384 })]),
  ),
  tooLarge(
    "a lossy WebP bomb of 16383x16383 pixels",
    /16383x16383 pixels/,
    webpOf([vp8({ width: 16_383, height: 16_383 })]),
  ),
  tooLarge(
    "a WebP bomb behind a tiny canvas",
    /16384x16384 pixels/,
    webpOf([vp8x(), vp8l({ width: 16_384, height: 16_384 })]),
  ),
  broken(
    "a WebP whose canvas is wider than its picture",
    /disagree about its size/,
    webpOf([vp8x({ width: 9 }), vp8()]),
  ),
  broken(
    "a WebP whose canvas is higher than its picture",
    /disagree about its size/,
    webpOf([vp8x({ height: 9 }), vp8l()]),
  ),
  broken("a WebP without width", /without pixels/, webpOf([vp8({ width: 0 })])),
  broken("a WebP without height", /without pixels/, webpOf([vp8({ height: 0 })])),
  broken("a WebP of two pictures", /two pictures/, webpOf([vp8x(), vp8(), vp8l()])),
  broken("a WebP of a canvas alone", /holds no picture/, webpOf([vp8x()])),
  broken("a WebP without chunks", /holds no picture/, webpOf([])),
  broken("a WebP that claims to be empty", /holds no picture/, webpOf([vp8()], 0)),
  broken(
    "a WebP that begins with a profile",
    /doesn't begin with a picture's header/,
    webpOf([riffChunk("ICCP", "x"), vp8()]),
  ),
  broken(
    "a WebP with a chunk larger than itself",
    /claims more than the whole file/,
    webpOf([vp8x(), riffChunk("ICCP", "x", 4_000_000_000), vp8()]),
  ),
  broken(
    "a WebP with a chunk a byte too long",
    /claims more than the whole file/,
    webpOf([riffChunk("VP8L", "\x2f\x07\xc0\x01\0pixels!", 13)]),
  ),
  broken(
    "a WebP whose canvas is too short",
    /its header is too short/,
    webpOf([riffChunk("VP8X", "short"), vp8()]),
  ),
  broken(
    "a lossless WebP whose header is too short",
    /its header is too short/,
    webpOf([riffChunk("VP8L", "\x2f")]),
  ),
  broken(
    "a lossy WebP whose header is too short",
    /its header is too short/,
    webpOf([riffChunk("VP8 ", "short")]),
  ),
  broken("a lossless WebP of another version", /lossless header is wrong/, webpOf([vp8l({ version: 1 })])),
  broken(
    "a lossless WebP without its signature",
    /lossless header is wrong/,
    webpOf([riffChunk("VP8L", "evilpixels")]),
  ),
  broken("a lossy WebP that isn't a key frame", /lossy header is wrong/, webpOf([vp8({ tag: 1 })])),
  broken("a lossy WebP without its start code", /lossy header is wrong/, webpOf([vp8({ startCode: "abc" })])),
  broken(
    "a WebP of nothing but tiny chunks",
    /more than 2000 parts/,
    webpOf([vp8x(), ...Array<Uint8Array>(2_001).fill(riffChunk("EVIL"))]),
  ),
  cut("a WebP of a RIFF header", lossy.subarray(0, 12)),
  cut("a WebP that ends inside a chunk's head", lossy.subarray(0, 18)),
  cut("a WebP that ends inside its picture's header", lossy.subarray(0, 25)),
  cut("a WebP that ends inside its picture", lossy.subarray(0, -2)),
  cut(
    "a WebP that idempotency records two bytes more than there are",
    webpOf([vp8l()], vp8l().length + 4 + 2),
  ),
  cut("a WebP that claims 4 GB", webpOf([vp8l()], 2 ** 32 - 2)),
];

export const hostileWebps: readonly ImageCase[] = [...good, ...bad];

import { deflateSync } from "node:zlib";
import { accepted, type ImageCase } from "./image-case.ts";
import * as parts from "./image-parts.ts";
import { drawn, drawnFacts, withMetadata } from "./real-images.ts";

const { exifOf, ihdr, joined, pngChunk, pngSignature, pngWith, withChunks } = parts;
export const plainPng = await drawn().png().toBuffer();
const facts = drawnFacts("png");
const withAlpha = { ...facts, hasAlpha: true };
const withExtras = { ...facts, hasExtras: true };
const fourScore = deflateSync(Buffer.alloc(40_000_000));

const real: ImageCase[] = [
  accepted("a plain PNG", plainPng, { ...facts, bytes: plainPng.length }),
  accepted("a PNG with alpha", await drawn(4).png().toBuffer(), withAlpha),
  accepted("a 16-bit PNG", await drawn().toColourspace("rgb16").png().toBuffer(), facts),
  accepted("a 16-bit PNG with alpha", await drawn(4).toColourspace("rgb16").png().toBuffer(), withAlpha),
  accepted("a grey PNG", await drawn().toColourspace("b-w").png().toBuffer(), facts),
  accepted("a PNG of grey and alpha", await drawn(4).toColourspace("b-w").png().toBuffer(), withAlpha),
  accepted("a palette PNG", await drawn().png({ palette: true }).toBuffer(), facts),
  accepted("a palette PNG with tRNS", await drawn(4).png({ palette: true }).toBuffer(), withAlpha),
  accepted("a PNG of one bit a pixel", await drawn().png({ colours: 2 }).toBuffer(), facts),
  accepted("an interlaced PNG", await drawn().png({ progressive: true }).toBuffer(), facts),
  ...(await withMetadata("a PNG", "png")),
];

const harmless = [
  "gAMA",
  "cHRM",
  "sRGB",
  "iCCP",
  "cICP",
  "mDCV",
  "cLLI",
  "sBIT",
  "bKGD",
  "hIST",
  "pHYs",
  "sPLT",
];
const telling = ["tEXt", "zTXt", "iTXt", "tIME", "eXIf", "fcTL", "oFFs", "prVt"];
const extras: ImageCase[] = [
  accepted(
    "a PNG with every harmless chunk",
    withChunks(plainPng, ...harmless.map((name) => pngChunk(name, "12"))),
    facts,
  ),
  ...telling.map((name) =>
    accepted(
      `a PNG with a ${name} chunk, which tells more than pixels,`,
      withChunks(plainPng, pngChunk(name, "me")),
      withExtras,
    ),
  ),
  accepted("a PNG with tRNS for one colour", withChunks(plainPng, pngChunk("tRNS", "rgbrgb")), withAlpha),
  accepted(
    "a PNG whose tRNS comes too late to count",
    joined(plainPng.subarray(0, -12), pngChunk("tRNS", "rgbrgb"), pngChunk("IEND")),
    facts,
  ),
  ...[1, 2, 3, 4, 5, 6, 7, 8].map((value) =>
    accepted(
      `a PNG with EXIF orientation ${value}`,
      withChunks(plainPng, pngChunk("eXIf", exifOf("MM", { value }))),
      {
        ...withExtras,
        orientation: value,
      },
    ),
  ),
  accepted(
    "a PNG with two EXIFs, the first of which counts,",
    withChunks(plainPng, ...[3, 6].map((value) => pngChunk("eXIf", exifOf("II", { value })))),
    { ...withExtras, orientation: 3 },
  ),
  accepted(
    "a PNG with 100 KB of EXIF",
    withChunks(plainPng, pngChunk("eXIf", joined(exifOf("II", { value: 6 }), Buffer.alloc(100_000)))),
    { ...withExtras, orientation: 6 },
  ),
  accepted("a PNG that is a ZIP archive, too,", joined(plainPng, "PK\x03\x04evil.jar"), {
    ...withExtras,
    bytes: plainPng.length + 12,
  }),
  accepted("a PNG that is a web page, too,", joined(plainPng, "<html><script>alert(1)</script>"), withExtras),
  accepted(
    "a PNG with a web page in its text",
    withChunks(plainPng, pngChunk("tEXt", "Comment\0<html><script>")),
    withExtras,
  ),
  accepted("a PNG with one byte after its end", joined(plainPng, "\0"), withExtras),
  accepted(
    "a PNG whose pixels come a byte at a time",
    joined(
      pngSignature,
      ihdr({ width: 24, height: 16 }),
      ...Array.from("pixels", (pixel) => pngChunk("IDAT", pixel)),
      pngChunk("IDAT"),
      pngChunk("IEND"),
    ),
    facts,
  ),
  accepted(
    "a PNG whose zTXt would inflate to 40 MB",
    pngWith(pngChunk("zTXt", joined("Bomb\0\0", fourScore))),
    { hasExtras: true },
  ),
  accepted(
    "a PNG whose iCCP would inflate to 40 MB",
    pngWith(pngChunk("iCCP", joined("Bomb\0\0", fourScore))),
    { hasExtras: false },
  ),
];

export const oddPngs: readonly ImageCase[] = [...real, ...extras];

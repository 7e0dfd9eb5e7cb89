import { accepted, broken, cut, type ImageCase, tooLarge, unsupported } from "./image-case.ts";
import * as parts from "./image-parts.ts";
import { plainPng } from "./odd-pngs.ts";
import { drawn } from "./real-images.ts";

const { exifOf, ihdr, joined, pngChunk, pngSignature, pngWith, uint32, withChunks } = parts;
const end = joined(pngChunk("IDAT", "pixels"), pngChunk("IEND"));
const headed = (header: parts.PngHeader) => joined(pngSignature, ihdr(header), end);
const palette = pngChunk("PLTE", "rgbrgb");
const paletted = (...chunks: Uint8Array[]) => joined(pngSignature, ihdr({ colourType: 3 }), ...chunks);

const large: ImageCase[] = [
  tooLarge(
    "a PNG bomb of 20000x20000 pixels",
    /20000x20000 pixels; no side may be longer than 16384/,
    headed({ width: 20_000, height: 20_000 }),
  ),
  tooLarge(
    "a grey PNG bomb of 16000x16000 pixels",
    /16000x16000 pixels, 256,000,000 in all; at most 64,000,000/,
    headed({ width: 16_000, height: 16_000, colourType: 0 }),
  ),
  tooLarge(
    "a PNG of one line that is too long",
    /16385x1 pixels; no side may be longer/,
    headed({ width: 16_385, height: 1 }),
  ),
  tooLarge(
    "a PNG of one column that is too long",
    /1x16385 pixels; no side may be longer/,
    headed({ width: 1, height: 16_385 }),
  ),
  tooLarge(
    "a PNG of 2147483647 pixels each way",
    /2147483647x2147483647/,
    headed({ width: 2 ** 31 - 1, height: 2 ** 31 - 1 }),
  ),
  tooLarge(
    "a PNG of one pixel line too many",
    /8001x8000 pixels, 64,008,000 in all/,
    headed({ width: 8_001, height: 8_000 }),
  ),
  tooLarge(
    "the bare header of a PNG bomb",
    /60000x60000/,
    joined(pngSignature, ihdr({ width: 60_000, height: 60_000 })),
  ),
  accepted("a PNG of as many pixels as are allowed", headed({ width: 8_000, height: 8_000 }), {
    width: 8_000,
    height: 8_000,
  }),
  accepted("a PNG as long as is allowed", headed({ width: 16_384, height: 1 }), { width: 16_384, height: 1 }),
];

const wrongDepths: [number, number][] = [
  [2, 4],
  [3, 16],
  [4, 1],
  [6, 2],
  [0, 3],
  [0, 0],
  [1, 8],
  [5, 8],
  [7, 8],
  [255, 255],
];
const headers: ImageCase[] = [
  broken("a PNG without width", /without pixels/, headed({ width: 0 })),
  broken("a PNG without height", /without pixels/, headed({ height: 0 })),
  ...wrongDepths.map(([colourType, bitDepth]) =>
    broken(
      `a PNG of colour type ${colourType} with ${bitDepth} bits`,
      new RegExp(`no colour type ${colourType} with ${bitDepth} bits`),
      headed({ colourType, bitDepth }),
    ),
  ),
  broken("a PNG of unknown compression", /its compression is unknown/, headed({ compression: 1 })),
  broken("a PNG of unknown filtering", /its filtering is unknown/, headed({ filter: 1 })),
  broken("a PNG of unknown interlacing", /its interlacing is unknown/, headed({ interlace: 2 })),
  broken(
    "a PNG whose header is too short",
    /its header has 12 bytes, not 13/,
    joined(pngSignature, pngChunk("IHDR", "twelve bytes"), end),
  ),
  broken(
    "a PNG whose header is too long",
    /its header has 14 bytes, not 13/,
    joined(pngSignature, pngChunk("IHDR", "fourteen bytes"), end),
  ),
  broken("a PNG that begins with its pixels", /doesn't begin with its header/, joined(pngSignature, end)),
  broken(
    "a PNG that begins with its end",
    /doesn't begin with its header/,
    joined(pngSignature, pngChunk("IEND")),
  ),
  broken("a PNG with two headers", /two headers/, pngWith(ihdr())),
];

const order: ImageCase[] = [
  broken("a PNG without pixels", /no pixels \(IDAT\)/, joined(pngSignature, ihdr(), pngChunk("IEND"))),
  broken(
    "a PNG with text between its pixels",
    /torn apart/,
    pngWith(pngChunk("IDAT", "pixels"), pngChunk("tEXt", "a\0b")),
  ),
  broken("a palette PNG without its palette", /lacks its palette/, paletted(end)),
  broken(
    "a palette PNG whose palette comes last",
    /lacks its palette/,
    paletted(pngChunk("IDAT", "pixels"), palette, pngChunk("IEND")),
  ),
  accepted("a palette PNG of two colours", paletted(palette, end)),
  accepted("a palette PNG of 256 colours", paletted(pngChunk("PLTE", "rgb".repeat(256)), end)),
  broken("a PNG with an empty palette", /its palette has 0 bytes/, paletted(pngChunk("PLTE"), end)),
  broken("a PNG with a crooked palette", /its palette has 5 bytes/, paletted(pngChunk("PLTE", "rgbrg"), end)),
  broken(
    "a PNG with a palette of 257 colours",
    /its palette has 771 bytes/,
    paletted(pngChunk("PLTE", "rgb".repeat(257)), end),
  ),
  broken("a PNG with a critical chunk nobody knows", /its EVIL chunk is unknown/, pngWith(pngChunk("EVIL"))),
  broken(
    "a PNG whose end mark holds bytes",
    /end mark \(IEND\) isn't empty/,
    joined(pngSignature, ihdr(), pngChunk("IDAT", "pixels"), pngChunk("IEND", "evil")),
  ),
  broken("a PNG with zeros in place of a chunk", /isn't a chunk/, pngWith(new Uint8Array(64))),
  broken(
    "a PNG whose chunk claims 2147483648 bytes",
    /its tEXt chunk claims 2147483648 bytes/,
    pngWith(joined(uint32(2 ** 31), "tEXt")),
  ),
  broken(
    "a PNG whose chunk claims 4294967295 bytes",
    /its tEXt chunk claims 4294967295 bytes/,
    pngWith(joined(uint32(2 ** 32 - 1), "tEXt")),
  ),
  cut("a PNG whose chunk claims all of 2 GB", pngWith(pngChunk("tEXt", "short", 2 ** 31 - 1))),
  cut(
    "a PNG whose last IDAT claims a byte more",
    joined(pngSignature, ihdr(), pngChunk("IDAT", "pixels", 7)),
  ),
  broken(
    "a PNG whose IDAT claims a byte less",
    /checksum of its IDAT chunk/,
    joined(pngSignature, ihdr(), pngChunk("IDAT", "pixels", 5), pngChunk("IEND")),
  ),
  ...Object.entries({ prVt: 2_000, IDAT: 20_000 }).flatMap(([name, most]) => {
    const tiny = pngChunk(name);
    // IEND counts with the first, the pixels of pngWith() with the second.
    const chunks = Array<Uint8Array>(most - 1).fill(tiny);
    return [
      accepted(`a PNG of ${most} tiny ${name} chunks`, pngWith(...chunks)),
      broken(
        `a PNG of ${most + 1} tiny ${name} chunks`,
        new RegExp(`more than ${most} parts`),
        pngWith(tiny, ...chunks),
      ),
    ];
  }),
  unsupported(
    "an animated PNG",
    /is an animated PNG/,
    pngWith(pngChunk("acTL", joined(uint32(2), uint32(0))), pngChunk("fcTL", new Uint8Array(26))),
  ),
  unsupported(
    "a real PNG made to move",
    /is an animated PNG/,
    withChunks(plainPng, pngChunk("acTL", joined(uint32(1), uint32(0)))),
  ),
  unsupported(
    "a PNG in the form of iPhone apps",
    /iPhone/,
    joined(pngSignature, pngChunk("CgBI", "    "), ihdr(), end),
  ),
];

/** A PNG with chunks of most kinds, to be cut and bent. */
const rich = withChunks(
  await drawn(4).png({ palette: true }).withIccProfile("srgb").toBuffer(),
  pngChunk("tEXt", "Title\0x"),
  pngChunk("eXIf", exifOf("II", { value: 3 })),
);
const richChunks = parts.pngChunks(rich);
const flipped = (at: number) => rich.map((byte, index) => (index === at ? byte ^ 1 : byte));
const bent: ImageCase[] = richChunks.flatMap(({ name, at, end: after }, index) => [
  cut(`a PNG that ends before chunk ${index + 1} (${name})`, rich.subarray(0, at)),
  cut(`a PNG that ends inside the head of chunk ${index + 1} (${name})`, rich.subarray(0, at + 6)),
  cut(`a PNG that ends a byte before the end of chunk ${index + 1} (${name})`, rich.subarray(0, after - 1)),
  broken(
    `a PNG with a wrong checksum behind chunk ${index + 1} (${name})`,
    new RegExp(`checksum of its ${name} chunk is wrong`),
    flipped(after - 1),
  ),
  ...(after - at > 12 && name !== "IHDR"
    ? [
        broken(
          `a PNG with a wrong bit in chunk ${index + 1} (${name})`,
          new RegExp(`checksum of its ${name} chunk is wrong`),
          flipped(at + 8),
        ),
      ]
    : []),
]);

export const hostilePngs: readonly ImageCase[] = [...large, ...headers, ...order, ...bent];

import { accepted, broken, cut, type ImageCase, tooLarge, unsupported } from "./image-case.ts";
import * as parts from "./image-parts.ts";
import { plainJpeg } from "./odd-jpegs.ts";

const { exifOf, exifSegment, joined, jpegFrame, jpegOf, jpegScan, jpegSegment, withSegments } = parts;
const eoi = Uint8Array.of(0xff, 0xd9);

const large: ImageCase[] = [
  tooLarge(
    "a JPEG bomb of 65535x65535 pixels",
    /65535x65535 pixels; no side may be longer than 16384/,
    jpegOf(jpegFrame({ width: 65_535, height: 65_535 }), jpegScan),
  ),
  tooLarge(
    "a progressive JPEG bomb of 16000x16000 pixels",
    /16000x16000 pixels, 256,000,000 in all/,
    jpegOf(jpegFrame({ marker: 0xc2, width: 16_000, height: 16_000 })),
  ),
  tooLarge(
    "the bare header of a JPEG bomb",
    /60000x1 pixels/,
    joined("\xff\xd8", jpegFrame({ width: 60_000, height: 1 })),
  ),
  broken(
    "a JPEG of 101 scans",
    /^has more than 100 scans$/,
    jpegOf(jpegFrame({ marker: 0xc2 }), ...Array<Uint8Array>(101).fill(jpegScan)),
  ),
  broken(
    "a JPEG of nothing but tiny segments",
    /more than 2000 parts/,
    jpegOf(...Array<Uint8Array>(2_001).fill(jpegSegment(0xfe))),
  ),
];

const foreign: [number, string][] = [
  [0xc3, "lossless JPEG"],
  [0xcb, "lossless JPEG"],
  [0xc9, "arithmetic-coded"],
  [0xca, "arithmetic-coded"],
  ...[0xc5, 0xc6, 0xc7, 0xcd, 0xce, 0xcf, 0xde, 0xdf].map((marker): [number, string] => [
    marker,
    "hierarchical JPEG",
  ]),
  [0xf7, "JPEG-LS"],
];
const frames: ImageCase[] = [
  ...foreign.map(([marker, name]) =>
    unsupported(
      `a JPEG of frame 0x${marker.toString(16)} (${name})`,
      new RegExp(`is an? ${name}`),
      jpegOf(jpegFrame({ marker }), jpegScan),
    ),
  ),
  unsupported(
    "a JPEG of 12 bits",
    /is a JPEG of 12 bits/,
    jpegOf(jpegFrame({ marker: 0xc1, precision: 12 }), jpegScan),
  ),
  accepted("a JPEG of an extended frame with 8 bits", jpegOf(jpegFrame({ marker: 0xc1 }), jpegScan)),
  broken(
    "a JPEG that leaves its height for later",
    /without pixels/,
    jpegOf(jpegFrame({ height: 0 }), jpegScan, jpegSegment(0xdc, "\0\x08")),
  ),
  broken("a JPEG without width", /without pixels/, jpegOf(jpegFrame({ width: 0 }), jpegScan)),
  ...[0, 2, 5].map((components) =>
    broken(
      `a JPEG of ${components} components`,
      new RegExp(`has ${components} colour components`),
      jpegOf(jpegFrame({ components }), jpegScan),
    ),
  ),
  broken(
    "a JPEG with two frames",
    /two frame headers/,
    jpegOf(jpegFrame(), jpegFrame({ width: 9_999 }), jpegScan),
  ),
  broken(
    "a JPEG with a frame of wrong length",
    /frame header has a wrong length/,
    jpegOf(jpegSegment(0xc0, "\x08\0\x08\0\x08\x03"), jpegScan),
  ),
  broken(
    "a JPEG with an empty frame",
    /frame header has a wrong length/,
    jpegOf(jpegSegment(0xc0), jpegScan),
  ),
  broken(
    "a JPEG whose scan comes before its frame",
    /scan comes before the frame/,
    jpegOf(jpegScan, jpegFrame()),
  ),
  broken(
    "a JPEG with a scan of no components",
    /scan header is wrong/,
    jpegOf(jpegFrame(), jpegSegment(0xda, "\0\0\x3f\0")),
  ),
  broken(
    "a JPEG with a scan of five components",
    /scan header is wrong/,
    jpegOf(jpegFrame(), jpegSegment(0xda, "\x05".padEnd(14, "\0"))),
  ),
  broken(
    "a JPEG with a scan header of wrong length",
    /scan header is wrong/,
    jpegOf(jpegFrame(), jpegSegment(0xda, "\x01\x01")),
  ),
  broken("a JPEG that ends before its scan", /ends before its first scan/, jpegOf(jpegFrame())),
  broken("a JPEG of a start and an end", /ends before its first scan/, jpegOf("\xff", "\xff\xff\xff\xff")),
  broken(
    "a JPEG with a segment shorter than its length",
    /claims less than its own length/,
    jpegOf(jpegSegment(0xfe, "", 1)),
  ),
  cut(
    "a JPEG whose last segment is followed by bytes alone",
    jpegOf(jpegFrame(), "evil".repeat(9)).subarray(0, -2),
  ),
  broken("a JPEG with a second start", /unknown kind, 0xd8/, jpegOf("\xff\xd8", jpegFrame(), jpegScan)),
  broken(
    "a JPEG with a segment kept for extensions",
    /unknown kind, 0xf0/,
    jpegOf(jpegSegment(0xf0), jpegFrame(), jpegScan),
  ),
  broken(
    "a JPEG with a segment nobody knows",
    /unknown kind, 0x02/,
    jpegOf(jpegSegment(0x02), jpegFrame(), jpegScan),
  ),
  cut("a JPEG whose segment claims 64 KB", jpegOf(jpegSegment(0xfe, "short", 65_535), jpegFrame(), jpegScan)),
  cut("a JPEG that ends in fill bytes", joined("\xff\xd8", jpegFrame(), jpegScan, "\xff\xff\xff\xff")),
  cut("a JPEG without an end mark", plainJpeg.subarray(0, -2)),
  cut("a JPEG with half an end mark", plainJpeg.subarray(0, -1)),
  cut("a JPEG whose end mark is stuffed", joined(plainJpeg.subarray(0, -2), "\xff\0\xd9")),
  cut("a JPEG whose only end mark is in its EXIF", withSegments(plainJpeg.subarray(0, -2), exifSegment(eoi))),
];

const rich = withSegments(plainJpeg, exifSegment(exifOf("II", { value: 3 })), jpegSegment(0xfe, "comment"));
const bent: ImageCase[] = parts.jpegSegments(rich).flatMap(({ marker, at, end }, index) => {
  const segment = `segment ${index + 1} (0x${marker.toString(16)})`;
  return [
    ...(at + 2 > 8 ? [cut(`a JPEG that ends behind the mark of ${segment}`, rich.subarray(0, at + 2))] : []),
    ...(at > 2 ? [cut(`a JPEG that ends before ${segment}`, rich.subarray(0, at))] : []),
    cut(`a JPEG that ends a byte before the end of ${segment}`, rich.subarray(0, end - 1)),
  ];
});

export const hostileJpegs: readonly ImageCase[] = [...large, ...frames, ...bent];

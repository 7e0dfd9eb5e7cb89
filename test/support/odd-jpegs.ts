import { accepted, type ImageCase } from "./image-case.ts";
import * as parts from "./image-parts.ts";
import { drawn, drawnFacts, withMetadata } from "./real-images.ts";

const { exifOf, exifSegment, joined, jpegFrame, jpegOf, jpegScan, jpegSegment, withSegments } = parts;
export const plainJpeg = await drawn().jpeg().toBuffer();
const facts = drawnFacts("jpeg");
const withExtras = { ...facts, hasExtras: true };
const app = (number: number, body: string) => withSegments(plainJpeg, jpegSegment(0xe0 + number, body));
const turned = (order: "II" | "MM", entry: parts.ExifEntry) =>
  withSegments(plainJpeg, exifSegment(exifOf(order, entry)));

const real: ImageCase[] = [
  accepted("a plain JPEG", plainJpeg, { ...facts, bytes: plainJpeg.length }),
  accepted("a progressive JPEG", await drawn().jpeg({ progressive: true }).toBuffer(), facts),
  accepted("a grey JPEG", await drawn().toColourspace("b-w").jpeg().toBuffer(), facts),
  accepted("a CMYK JPEG", await drawn().toColourspace("cmyk").jpeg().toBuffer(), { ...facts, isCmyk: true }),
  accepted(
    "a JPEG of full colour resolution",
    await drawn().jpeg({ chromaSubsampling: "4:4:4" }).toBuffer(),
    facts,
  ),
  ...(await withMetadata("a JPEG", "jpeg")),
];

const orientations: ImageCase[] = [
  ...[1, 2, 3, 4, 5, 6, 7, 8].flatMap((value) => [
    accepted(`a JPEG with EXIF orientation ${value}`, turned("II", { value }), {
      ...withExtras,
      orientation: value,
    }),
    accepted(`a JPEG with EXIF orientation ${value}, high byte first,`, turned("MM", { value }), {
      ...withExtras,
      orientation: value,
    }),
  ]),
  accepted("a JPEG with EXIF orientation 0", turned("II", { value: 0 }), withExtras),
  accepted("a JPEG with EXIF orientation 9", turned("MM", { value: 9 }), withExtras),
  accepted("a JPEG with EXIF orientation of another type", turned("II", { value: 6, type: 2 }), withExtras),
  accepted("a JPEG with EXIF of another tag", turned("II", { value: 6, tag: 0x0113 }), withExtras),
  accepted(
    "a JPEG whose EXIF says 6 in its second entry",
    withSegments(plainJpeg, exifSegment(exifOf("II", { tag: 0x010f }, { value: 6 }))),
    { ...withExtras, orientation: 6 },
  ),
  accepted(
    "a JPEG whose EXIF is of another byte order",
    withSegments(plainJpeg, exifSegment(joined("XX", exifOf("II", { value: 6 }).subarray(2)))),
    withExtras,
  ),
  accepted(
    "a JPEG whose EXIF lacks its number",
    withSegments(plainJpeg, exifSegment(joined("II+\0", exifOf("II", { value: 6 }).subarray(4)))),
    withExtras,
  ),
  accepted(
    "a JPEG whose EXIF points outside itself",
    withSegments(plainJpeg, exifSegment(joined("II*\0", "\xff\xff\xff\x7f"))),
    withExtras,
  ),
  accepted(
    "a JPEG whose EXIF ends inside an entry",
    withSegments(plainJpeg, exifSegment(exifOf("II", { value: 6 }).subarray(0, 20))),
    withExtras,
  ),
  accepted("a JPEG with empty EXIF", withSegments(plainJpeg, exifSegment(new Uint8Array(0))), withExtras),
  accepted(
    "a JPEG with two EXIFs, the first of which counts,",
    withSegments(plainJpeg, exifSegment(exifOf("II", { value: 3 })), exifSegment(exifOf("II", { value: 6 }))),
    { ...withExtras, orientation: 3 },
  ),
  accepted(
    "a JPEG with a whole JPEG in its EXIF",
    withSegments(plainJpeg, exifSegment(joined(exifOf("II", { value: 8 }), plainJpeg))),
    { ...withExtras, orientation: 8 },
  ),
  accepted(
    "a JPEG whose APP1 isn't EXIF",
    withSegments(plainJpeg, jpegSegment(0xe1, joined("Evil\0\0", exifOf("II", { value: 8 })))),
    withExtras,
  ),
];

/** What libjpeg passes over on its way to a marker. */
const strayBytes = [
  ["three zeros", "\0\0\0"],
  ["words", "evil"],
  ["a stuffed zero", "\xff\0"],
  ["fill bytes and a stuffed zero", "\xff\xff\0"],
] as const;

const extras: ImageCase[] = [
  accepted(
    "a JPEG with JFIF",
    jpegOf(jpegSegment(0xe0, "JFIF\0\x01\x01\0\0\x01\0\x01\0\0"), jpegFrame(), jpegScan),
    { hasExtras: false },
  ),
  accepted(
    "a JPEG with a thumbnail in its JFIF",
    app(0, "JFIF\0\x01\x01\0\0\x01\0\x01\x01\x01rgb"),
    withExtras,
  ),
  accepted("a JPEG with a JFXX thumbnail", app(0, "JFXX\0\x10"), withExtras),
  accepted("a JPEG with Adobe's segment", app(14, "Adobe\0\x64\0\0\0\0\0"), facts),
  accepted(
    "a JPEG with more than Adobe's segment",
    app(14, "Adobe\0\x64\0\0\0\0\0and a stowaway"),
    withExtras,
  ),
  accepted("a JPEG with an APP14 nobody knows", app(14, "Evil"), withExtras),
  accepted("a JPEG with IPTC", app(13, "Photoshop 3.0\x008BIM"), withExtras),
  accepted("a JPEG with a list of further pictures", app(2, "MPF\0II*\0"), withExtras),
  accepted("a JPEG with APP15", app(15, "anything"), withExtras),
  accepted("a JPEG with a comment", withSegments(plainJpeg, jpegSegment(0xfe, "made by me")), withExtras),
  accepted(
    "a JPEG with a script in its comment",
    withSegments(plainJpeg, jpegSegment(0xfe, "*/=alert(1)/*")),
    withExtras,
  ),
  accepted("a JPEG that is a script, too,", joined(plainJpeg, "*/=alert(1);/*"), withExtras),
  accepted("a JPEG that is a Java archive, too,", joined(plainJpeg, "PK\x03\x04META-INF/"), withExtras),
  accepted("a JPEG with a video behind its end", joined(plainJpeg, "\0\0\0\x18ftypmp42"), {
    ...withExtras,
    bytes: plainJpeg.length + 12,
  }),
  accepted("a JPEG with a second JPEG behind its end", joined(plainJpeg, plainJpeg), withExtras),
  accepted("a JPEG with one byte behind its end", joined(plainJpeg, "\0"), withExtras),
  accepted(
    "a JPEG with fill bytes before its segments",
    jpegOf("\xff\xff\xff", jpegFrame(), "\xff\xff\xff", jpegScan, "\xff\xff"),
    { hasExtras: false },
  ),
  ...strayBytes.flatMap(([what, stray]) => [
    accepted(
      `a JPEG with ${what} behind its start`,
      joined(plainJpeg.subarray(0, 2), stray, plainJpeg.subarray(2)),
      withExtras,
    ),
    accepted(`a JPEG with ${what} before its last mark`, jpegOf(jpegFrame(), jpegScan, "\xff\x01", stray), {
      hasExtras: true,
    }),
    accepted(
      `a JPEG with ${what} between its segments`,
      jpegOf(jpegFrame(), stray, jpegSegment(0xc4, "table"), stray, jpegScan),
      {
        width: 8,
        height: 8,
        hasExtras: true,
      },
    ),
  ]),
  accepted(
    "a JPEG with a segment that claims a byte less",
    jpegOf(jpegSegment(0xdb, "tables", 7), jpegFrame(), jpegScan),
    { hasExtras: true },
  ),
  accepted(
    "a JPEG with restart marks in its scan",
    jpegOf(jpegFrame(), jpegScan, "\xff\xd0more\xff\xd7more"),
    { hasExtras: false },
  ),
  accepted("a JPEG with stuffed zeros in its scan", jpegOf(jpegFrame(), jpegScan, "\xff\0\xff\0\xd9\xff\0"), {
    hasExtras: false,
  }),
  accepted("a JPEG with marks that have no segment", jpegOf("\xff\x01\xff\xd0", jpegFrame(), jpegScan), {
    hasExtras: false,
  }),
  accepted(
    "a JPEG with tables of every kind",
    jpegOf(
      ...[0xc4, 0xcc, 0xdb, 0xdc, 0xdd].map((marker) => jpegSegment(marker, "table")),
      jpegFrame(),
      jpegScan,
    ),
    { hasExtras: false },
  ),
  accepted(
    "a JPEG with tables between its scans",
    jpegOf(jpegFrame(), jpegScan, jpegSegment(0xc4, "table"), jpegScan),
    { width: 8, height: 8 },
  ),
  accepted(
    "a JPEG of 100 scans",
    jpegOf(jpegFrame({ marker: 0xc2 }), ...Array<Uint8Array>(100).fill(jpegScan)),
  ),
];

export const oddJpegs: readonly ImageCase[] = [...real, ...orientations, ...extras];

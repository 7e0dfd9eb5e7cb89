import sharp from "sharp";
import { accepted, broken, cut, type ImageCase, unsupported } from "./image-case.ts";
import { joined, pngSignature } from "./image-parts.ts";

const draw = () => sharp({ create: { width: 24, height: 16, channels: 3, background: "#5a2" } });
const png = await draw().png().toBuffer();
const jpeg = await draw().jpeg().toBuffer();
const webp = await draw().webp().toBuffer();
const ftyp = (...brands: string[]) => {
  const box = `ftyp${brands[0] ?? ""}\0\0\0\0${brands.slice(1).join("")}`;
  return joined(Uint8Array.of(0, 0, 0, box.length + 4), box, "\0\0\0\x08mdat");
};
const text = (content: string) => new TextEncoder().encode(content);

// What is taken only to be made into PNG stands among what isn't taken: it is told from that by the same first bytes.
const images: ImageCase[] = [
  unsupported(
    "a HEIC photo",
    /^is a HEIC photo, which the image service can't read; save or send it as JPEG; an iPhone .* Settings > Camera > Formats > Most Compatible$/,
    ftyp("heic", "mif1", "heic"),
  ),
  unsupported("a HEIC photo of ten bits", /is a HEIC photo/, ftyp("heix", "mif1")),
  unsupported("a HEIF image named by its family alone", /is a HEIC photo/, ftyp("mif1", "heic")),
  unsupported("a HEIC sequence", /is a HEIC photo/, ftyp("hevc", "msf1")),
  unsupported("a HEIF file whose first brand is another's", /is a HEIC photo/, ftyp("MiHE", "miaf", "heic")),
  accepted("an AVIF image", await draw().avif().toBuffer(), { kind: "avif" }),
  accepted("an AVIF image named by its family first", ftyp("mif1", "avif"), { kind: "avif" }),
  accepted("an AVIF sequence", ftyp("avis"), { kind: "avif" }),
  accepted("a GIF image", await draw().gif().toBuffer(), { kind: "gif" }),
  accepted("a GIF image of 1987", text("GIF87a\x01\0\x01\0"), { kind: "gif" }),
  accepted(
    "a GIF that is a Java archive, too,",
    joined(await draw().gif().toBuffer(), "PK\x03\x04META-INF/"),
    { kind: "gif" },
  ),
  unsupported("a BMP image", /is a BMP image/, joined("BM\x46\0\0\0\0\0\0\0\x36\0\0\0")),
  accepted("a TIFF image", await draw().tiff().toBuffer(), { kind: "tiff" }),
  accepted("a TIFF image, high byte first,", joined("MM\0*\0\0\0\x08"), { kind: "tiff" }),
  accepted("a large TIFF image", joined("II+\0\x08\0\0\0"), { kind: "tiff" }),
  unsupported("an icon", /is an icon/, joined("\0\0\x01\0\x01\0\x10\x10")),
  unsupported("a Photoshop document", /is a Photoshop document/, joined("8BPS\0\x01\0\0")),
  unsupported("a JPEG XL stream", /is a JPEG XL image/, joined("\xff\x0a\xfa\x1f\0\0\0\0")),
  unsupported("a JPEG XL file", /is a JPEG XL image/, joined("\0\0\0\x0cJXL \x0d\x0a\x87\x0a")),
  unsupported("a JPEG 2000 file", /is a JPEG 2000 image/, joined("\0\0\0\x0cjP  \x0d\x0a\x87\x0a")),
  unsupported("a JPEG 2000 stream", /is a JPEG 2000 image/, joined("\xff\x4f\xff\x51\0\x2f\0\0")),
  unsupported("an SVG drawing", /is an SVG drawing/, text("<svg xmlns='http://www.w3.org/2000/svg'/>")),
  unsupported(
    "an SVG drawing behind an XML header",
    /is an SVG drawing/,
    text("\ufeff<?xml version='1.0'?>\n<!-- x -->\n<svg/>"),
  ),
];

const others: ImageCase[] = [
  unsupported("a PDF document", /is a PDF document.*save the page as PNG/, text("%PDF-1.7\n%")),
  unsupported(
    "a ZIP archive",
    /is a ZIP archive.*unpack it and send a JPEG file/,
    joined("PK\x03\x04\x14\0\0\0\x08\0"),
  ),
  unsupported("an empty ZIP archive", /is a ZIP archive/, joined("PK\x05\x06", new Uint8Array(18))),
  unsupported("an MP4 video", /is a video.*send a still of it as JPEG/, ftyp("isom", "mp41")),
  unsupported("a QuickTime video", /is a video/, ftyp("qt  ")),
  unsupported("a WebM video", /is a video/, joined("\x1a\x45\xdf\xa3\x01\0\0\0\0")),
  unsupported("an AVI video", /is a video/, joined("RIFF\x24\0\0\0AVI LIST")),
  unsupported("a WAVE sound", /no image of a kind that is known here/, joined("RIFF\x24\0\0\0WAVEfmt ")),
  unsupported("a web page", /is a web page/, text("<!DOCTYPE html><html></html>")),
  unsupported("a web page without a type", /is a web page/, text("\n <html><svg></svg></html>")),
  unsupported(
    "a JSON error in place of an image",
    /is JSON.*send the bytes of a PNG file/,
    text('{"error":"not found"}'),
  ),
  unsupported("a JSON list", /is JSON/, text('[ "image" ]')),
  unsupported("plain text", /is text/, text("a photo of a cat, please")),
  unsupported("text in another language", /is text/, text("ένα γατάκι ".repeat(100))),
  unsupported("text that begins as a bitmap does", /is text/, text("BMW in the rain")),
  unsupported("text of 16 bits a letter", /is text/, joined("\xff\xfeh\0e\0l\0l\0o\0")),
  unsupported("an XML document", /is text/, text("<?xml version='1.0'?><note/>")),
  unsupported("a PNG as base64", /is base64 text in place of bytes/, text(png.toString("base64"))),
  unsupported("a JPEG as base64", /is base64 text/, text(jpeg.toString("base64"))),
  unsupported("a WebP as base64", /is base64 text/, text(webp.toString("base64"))),
  unsupported(
    "something else as base64",
    /is base64 text/,
    text(Buffer.alloc(90, "hello").toString("base64")),
  ),
  unsupported(
    "a data URL",
    /is a data URL in place of bytes/,
    text(`data:image/png;base64,${png.toString("base64")}`),
  ),
  unsupported(
    "noise",
    /no image of a kind that is known here/,
    Uint8Array.from({ length: 3000 }, (_, index) => (index * index * 7 + 3) % 251),
  ),
  unsupported("4 KB of zeros", /no image of a kind that is known here/, new Uint8Array(4096)),
  unsupported(
    "letters that are no characters",
    /no image of a kind that is known here/,
    joined("caf\xe9 cr\xe8me"),
  ),
  unsupported("a program", /no image of a kind that is known here/, joined("\x7fELF\x02\x01\x01\0")),
  unsupported(
    "half a JPEG signature and another byte",
    /no image of a kind that is known here/,
    joined("\xff\xd9\0\0\0\0\0\0"),
  ),
];

const short: ImageCase[] = [
  broken("an empty file", /^is empty$/, new Uint8Array(0)),
  ...[1].map((length) =>
    broken(
      `a JPEG's first ${length} bytes`,
      new RegExp(`^is no image: it has ${length} of`),
      jpeg.subarray(0, length),
    ),
  ),
  ...[2, 3, 7, 11].map((length) => cut(`a JPEG's first ${length} bytes`, jpeg.subarray(0, length))),
  ...[1, 2, 3, 4, 5, 6, 7].map((length) =>
    broken(
      `a PNG's first ${length} bytes`,
      new RegExp(`^is no image: it has ${length} of`),
      pngSignature.subarray(0, length),
    ),
  ),
];

const garbled: ImageCase[] = [
  broken("a PNG that was read as text", /handled as text on its way/, text(png.toString("utf8"))),
  broken("a JPEG that was read as text", /handled as text on its way/, text(jpeg.toString("utf8"))),
  broken(
    "a PNG whose bytes were written as letters",
    /handled as text on its way/,
    text(png.toString("latin1")),
  ),
  broken(
    "a JPEG whose bytes were written as letters",
    /handled as text on its way/,
    text(jpeg.toString("latin1")),
  ),
  broken(
    "a PNG whose line ends were changed",
    /handled as text on its way/,
    joined("\x89PNG\x0a\x1a\x0a", png.subarray(8)),
  ),
];

export const unsupportedFiles: readonly ImageCase[] = [...images, ...others, ...short, ...garbled];

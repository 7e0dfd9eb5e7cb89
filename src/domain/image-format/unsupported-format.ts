import { asText } from "./byte-reader.ts";
import { damaged, RejectedImage, unreadable } from "./image-rejection.ts";
import { kindNames, mediaTypesOf } from "./inspection-limits.ts";
import { brandsOf, type ImageKind, type SourceKind } from "./media-type.ts";

/** Another kind of file, in plain words, with what its sender can do about it. */
interface UnsupportedFormat {
  name: string;
  /** The kind that suits such a file best, where it's allowed. */
  best: ImageKind;
  advice: (kind: string) => string;
}

const saveIt = (kind: string) => `save or send it as ${kind}`;
const onAPhone = "; an iPhone takes photos as JPEG with Settings > Camera > Formats > Most Compatible";
const sendBytes = (kind: string) => `send the bytes of a ${kind} file instead`;
const photo = (name: string): UnsupportedFormat => ({ name, best: "jpeg", advice: saveIt });
const graphic = (name: string): UnsupportedFormat => ({ name, best: "png", advice: saveIt });
const text = (name: string): UnsupportedFormat => ({ name, best: "png", advice: sendBytes });
const heic: UnsupportedFormat = {
  name: "a HEIC photo",
  best: "jpeg",
  advice: (kind) => (kind === kindNames.jpeg ? `${saveIt(kind)}${onAPhone}` : saveIt(kind)),
};
const video: UnsupportedFormat = {
  name: "a video",
  best: "jpeg",
  advice: (kind) => `send a still of it as ${kind}`,
};

/** First bytes, one character each, and what they begin. */
const signatures: readonly [UnsupportedFormat, ...string[]][] = [
  [graphic("an icon (ICO)"), "\0\0\x01\0", "\0\0\x02\0"],
  [graphic("a Photoshop document (PSD)"), "8BPS"],
  [photo("a JPEG XL image"), "\xff\x0a", "\0\0\0\x0cJXL "],
  [photo("a JPEG 2000 image"), "\xff\x4f\xff\x51", "\0\0\0\x0cjP  "],
  [{ name: "a PDF document", best: "png", advice: (kind) => `save the page as ${kind}` }, "%PDF-"],
  [
    { name: "a ZIP archive", best: "jpeg", advice: (kind) => `unpack it and send a ${kind} file` },
    ...["PK\x03\x04", "PK\x05\x06", "PK\x07\x08"],
  ],
  [video, "\x1a\x45\xdf\xa3"],
];

// Bytes that went through a string: U+FFFD or two bytes stand where one above 0x7f was, or line ends were changed.
const garbled = [
  "\xef\xbf\xbdPNG",
  "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd",
  "\xc2\x89PNG",
  "\xc3\xbf\xc3\x98",
];
const minRecognisableBytes = 8;

/** What to say of a file that isn't one of ours, judged by its first bytes. */
export function rejectUnsupported(head: Uint8Array, kinds: readonly SourceKind[]): RejectedImage {
  if (head.length === 0) return new RejectedImage("invalidRequest", "is empty");
  if (head.length < minRecognisableBytes) {
    return new RejectedImage("invalidRequest", `is no image: it has ${head.length} of the bytes of one`);
  }
  const start = asText(head);
  if (beginsWith(start, garbled) || start.startsWith("\x89PNG")) {
    return damaged("it was handled as text on its way, send its bytes as they are");
  }
  const { name, best, advice } = recogniseUnsupported(start, head);
  const suggested = kinds.includes(best) ? best : kinds[0];
  const { code, message } = unreadable(name, advice(kindNames[suggested ?? best])).rejection;
  return new RejectedImage(code, message, mediaTypesOf(kinds));
}

function recogniseUnsupported(start: string, head: Uint8Array): UnsupportedFormat {
  const signed = signatures.find(([, ...starts]) => beginsWith(start, starts));
  if (signed) return signed[0];
  // "BM" alone may begin a word; a bitmap has four zeros behind its size.
  if (start.startsWith("BM") && start.slice(6, 10) === "\0\0\0\0") return graphic("a BMP image");
  if (start.startsWith("RIFF") && start.slice(8, 12) === "AVI ") return video;
  const brands = brandsOf(head);
  if (brands.some((brand) => /^(hei[cxms]|hev[cxms]|mif1|msf1)$/.test(brand))) return heic;
  if (brands.length > 0) return video;
  return recogniseText(start, head) ?? graphic("no image of a kind that is known here");
}

function recogniseText(start: string, head: Uint8Array): UnsupportedFormat | undefined {
  if (beginsWith(start, ["\xff\xfe", "\xfe\xff"])) return text("text");
  if (!isText(head)) return undefined;
  const words = start.replace(/^\xef\xbb\xbf/, "").trimStart();
  if (/^data:/i.test(words)) return text("a data URL in place of bytes");
  if (/^<(\?xml|!--|!doctype svg|svg)/i.test(words) && /<svg/i.test(words)) return graphic("an SVG drawing");
  if (/^<(!doctype html|!--|html|head|body|script|title)/i.test(words)) return text("a web page (HTML)");
  if (/^[{[]/.test(words)) return text("JSON");
  if (/^(iVBORw0KGgo|\/9j\/|UklGR|R0lGOD|[\w+/\r\n-]{64,}={0,2}\s*$)/.test(words))
    return text("base64 text in place of bytes");
  return text("text");
}

function isText(bytes: Uint8Array): boolean {
  const layout = [0x09, 0x0a, 0x0c, 0x0d];
  if (bytes.some((byte) => (byte < 0x20 && !layout.includes(byte)) || byte === 0x7f)) return false;
  try {
    // As a stream, because the last character may be cut.
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function beginsWith(start: string, beginnings: readonly string[]): boolean {
  return beginnings.some((beginning) => start.startsWith(beginning));
}

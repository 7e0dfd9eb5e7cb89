import { asText, type ByteReader, type Reading, viewOf } from "./byte-reader.ts";
import { exifMark, readOrientation } from "./exif-orientation.ts";
import type { Findings, SizeCheck } from "./image-inspection.ts";
import { checkParts, damaged, RejectedImage, unreadable } from "./image-rejection.ts";
import type { Dimensions } from "../image-size.ts";

const endOfImage = 0xd9;
const startOfScan = 0xda;
const comment = 0xfe;
const firstApp = 0xe0;
const lastApp = 0xef;

const exifMarker = firstApp + 1;
/** A frame header of four components is the longest of what is looked at. */
const maxHeadBytes = 18;

/** Frames that decoders read: baseline, extended and progressive, all with Huffman codes. */
const plainFrames = [0xc0, 0xc1, 0xc2];
/** Besides the application segments: DHT, DAC, DQT, DNL, DRI. */
const expectedSegments = [...plainFrames, 0xc4, 0xcc, 0xdb, 0xdc, 0xdd, startOfScan, comment];
const unsupportedFrames: Readonly<Record<number, string>> = {
  0xc3: "a lossless JPEG",
  0xc5: "a hierarchical JPEG",
  0xc6: "a hierarchical JPEG",
  0xc7: "a hierarchical JPEG",
  0xc9: "an arithmetic-coded JPEG",
  0xca: "an arithmetic-coded JPEG",
  0xcb: "a lossless JPEG",
  0xcd: "a hierarchical JPEG",
  0xce: "a hierarchical JPEG",
  0xcf: "a hierarchical JPEG",
  0xde: "a hierarchical JPEG",
  0xdf: "a hierarchical JPEG",
  0xf7: "a JPEG-LS image",
};

// A usual progressive photo has about ten. Each costs a decoder a pass over the whole picture, however short it is.
const maxScans = 100;

interface Segment {
  marker: number;
  /** Of all behind the two bytes that tell the length. */
  length: number;
  start: Uint8Array;
  /** How much is still to come behind `start`. */
  left: number;
}

interface Frame extends Dimensions {
  components: number;
}

/** Walks segments and scans from mark to mark, through to the end mark. */
export function* inspectJpeg(feed: ByteReader, checkSize: SizeCheck): Reading<Findings> {
  yield* feed.pass(2);
  let frame: Frame | undefined;
  let scans = 0;
  let orientation: number | undefined;
  let hasExtras = false;
  let { marker, isBehindOthers } = yield* nextMarker(feed);
  for (let parts = 1; marker !== endOfImage; parts += 1) {
    checkParts(parts);
    const segment = yield* readSegment(feed, marker);
    const isFirstExif = isExif(segment) && orientation === undefined;
    if (plainFrames.includes(marker)) {
      if (frame) throw damaged("it has two frame headers");
      frame = readFrame(segment);
      checkSize(frame);
    } else if (marker === startOfScan) {
      if (!frame) throw damaged("a scan comes before the frame header");
      checkScan(segment, (scans += 1));
    } else if (isFirstExif) {
      orientation = readOrientation(yield* feed.take(segment.left));
    }
    if (!isFirstExif) yield* feed.pass(segment.left);
    hasExtras ||= tellsMore(segment) || isBehindOthers;
    if (marker === startOfScan) [marker, isBehindOthers] = [yield* passScan(feed), false];
    else ({ marker, isBehindOthers } = yield* nextMarker(feed));
  }
  if (!frame || scans === 0) throw damaged("it ends before its first scan");
  const { width, height, components } = frame;
  const isCmyk = components === 4;
  hasExtras ||= isBehindOthers;
  return { width, height, hasAlpha: false, orientation: orientation ?? 1, hasExtras, isCmyk };
}

/**
 * The next marker between segments, as libjpeg finds it (jdmarker.c, next_marker): bytes before its 0xff are passed over, any
 * number of 0xff may stand before its own byte, and a zero behind them is none. Cameras and editors leave such bytes.
 */
function* nextMarker(feed: ByteReader): Reading<{ marker: number; isBehindOthers: boolean }> {
  const find = markerEnd(() => false);
  let isBehindOthers = false;
  yield* feed.passTo((stretch) => {
    const found = find(stretch);
    isBehindOthers ||= stretch.subarray(0, found).some((byte) => byte !== 0xff);
    return found;
  });
  const [marker = 0] = yield* feed.take(1);
  return { marker, isBehindOthers };
}

/** Lets a scan's pixels go by and gives the marker that ends them. */
function* passScan(feed: ByteReader): Reading<number> {
  yield* feed.passTo(markerEnd(isRestart));
  const [marker = 0] = yield* feed.take(1);
  return marker;
}

/** A segment's head, once it's clear that the segment is one to accept. */
function* readSegment(feed: ByteReader, marker: number): Reading<Segment> {
  if (isBare(marker)) return { marker, length: 0, start: new Uint8Array(0), left: 0 };
  const unsupported = unsupportedFrames[marker];
  if (unsupported) throw unreadable(unsupported, "save it as a usual JPEG");
  if (!expectedSegments.includes(marker) && !isApp(marker)) {
    throw damaged(`it has a segment of an unknown kind, 0x${marker.toString(16).padStart(2, "0")}`);
  }
  const length = viewOf(yield* feed.take(2)).getUint16(0) - 2;
  if (length < 0) throw damaged("a segment claims less than its own length");
  const kept = Math.min(length, marker === exifMarker ? exifMark.length : maxHeadBytes);
  return { marker, length, start: yield* feed.take(kept), left: length - kept };
}

function readFrame({ length, start }: Segment): Frame {
  const components = start[5] ?? 0;
  if (length !== 6 + 3 * components) throw damaged("its frame header has a wrong length");
  const view = viewOf(start);
  const precision = view.getUint8(0);
  if (precision !== 8) throw unreadable(`a JPEG of ${precision} bits`, "save it as a usual JPEG");
  if (![1, 3, 4].includes(components)) throw damaged(`it has ${components} colour components`);
  return { height: view.getUint16(1), width: view.getUint16(3), components };
}

function checkScan({ length, start }: Segment, count: number): void {
  if (count > maxScans) throw new RejectedImage("invalidRequest", `has more than ${maxScans} scans`);
  const components = start[0] ?? 0;
  if (components < 1 || components > 4 || length !== 4 + 2 * components) {
    throw damaged("a scan header is wrong");
  }
}

/** Finds a marker's own byte: one behind 0xff that is no zero, no fill byte, and nothing that is to be skipped. */
function markerEnd(isSkipped: (byte: number) => boolean): (stretch: Uint8Array) => number | undefined {
  let isMarked = false;
  return (stretch) => {
    for (let at = 0; at < stretch.length; at += 1) {
      const byte = stretch[at] ?? 0;
      if (byte === 0xff) {
        isMarked = true;
      } else if (isMarked) {
        isMarked = false;
        if (byte !== 0 && !isSkipped(byte)) return at;
      } else {
        const next = stretch.indexOf(0xff, at);
        if (next < 0) return undefined;
        at = next;
        isMarked = true;
      }
    }
    return undefined;
  };
}

function isExif(segment: Segment): boolean {
  return segment.marker === exifMarker && begins(segment, exifMark);
}

/** Whether a segment holds more than pixels and colours. A JFIF header of more than 14 bytes has a thumbnail in it. */
function tellsMore(segment: Segment): boolean {
  const { marker, length } = segment;
  if (marker === firstApp) return !begins(segment, "JFIF\0") || length > 14;
  if (marker === firstApp + 2) return !begins(segment, "ICC_PROFILE\0");
  if (marker === firstApp + 14) return !begins(segment, "Adobe") || length > 12;
  return marker === comment || isApp(marker);
}

function isApp(marker: number): boolean {
  return marker >= firstApp && marker <= lastApp;
}

function begins({ start }: Segment, mark: string): boolean {
  return asText(start.subarray(0, mark.length)) === mark;
}

function isRestart(marker: number): boolean {
  return marker >= 0xd0 && marker <= 0xd7;
}

/** Markers without a segment. */
function isBare(marker: number): boolean {
  return marker === 0x01 || isRestart(marker);
}

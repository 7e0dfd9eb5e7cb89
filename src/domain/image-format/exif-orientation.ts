import { asText, viewOf } from "./byte-reader.ts";

const orientationTag = 0x0112;
const short = 3;
const entryBytes = 12;

/** JPEG puts this before its EXIF; some writers of PNG and WebP do, too. */
export const exifMark = "Exif\0\0";

/** EXIF's orientation, 1 to 8: how a picture must be turned to stand upright. 1 when absent or nonsense. */
export function readOrientation(exif: Uint8Array): number {
  const tiff = asText(exif.subarray(0, exifMark.length)) === exifMark ? exif.subarray(exifMark.length) : exif;
  const order = asText(tiff.subarray(0, 2));
  if (tiff.length < 8 || (order !== "II" && order !== "MM")) return 1;

  const view = viewOf(tiff);
  const little = order === "II";
  const directory = view.getUint32(4, little);
  if (view.getUint16(2, little) !== 42 || directory + 2 > tiff.length) return 1;

  const first = directory + 2;
  const end = Math.min(first + view.getUint16(directory, little) * entryBytes, tiff.length);
  for (let at = first; at + entryBytes <= end; at += entryBytes) {
    if (view.getUint16(at, little) !== orientationTag) continue;
    const value = view.getUint16(at + 8, little);
    return view.getUint16(at + 2, little) === short && value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

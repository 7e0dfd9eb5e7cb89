import sharp from "sharp";
import { about } from "./about.ts";

/** Within what both products take: a square of 100 to 230 pixels, and a mark that leaves a margin. */
const side = 200;

/** A print that develops in its tray, on the brand's colour. The mark takes two thirds of the side. */
export async function drawIcon(): Promise<Buffer> {
  const mark = `
    <svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}" viewBox="0 0 200 200">
      <rect width="200" height="200" fill="${about.brandColor}"/>
      <rect x="36" y="46" width="128" height="108" rx="8" fill="#fff7ee"/>
      <rect x="46" y="56" width="108" height="78" rx="3" fill="#2a0d0a"/>
      <circle cx="126" cy="80" r="11" fill="#ffb37a"/>
      <path d="M46 134 L46 118 L78 84 L104 112 L120 98 L154 128 L154 134 Z" fill="#ff6b4a"/>
      <path d="M46 134 L46 128 L74 106 L102 128 L124 114 L154 134 Z" fill="#c23a24"/>
    </svg>`;
  return sharp(Buffer.from(mark))
    .flatten({ background: about.brandColor })
    .png({ compressionLevel: 9 })
    .toBuffer();
}

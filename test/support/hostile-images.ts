import { unsupportedFiles } from "./unsupported-files.ts";
import { hostileJpegs } from "./hostile-jpegs.ts";
import { hostilePngs } from "./hostile-pngs.ts";
import { hostileWebps } from "./hostile-webps.ts";
import type { ImageCase } from "./image-case.ts";
import { imagesAtTheLimit } from "./images-at-the-limit.ts";
import { oddJpegs } from "./odd-jpegs.ts";
import { oddPngs } from "./odd-pngs.ts";

/** Odd and hostile images by the hundred, made on the spot; every name says what comes of it under `corpusLimits`. */
export const hostileImages: readonly ImageCase[] = [
  ...oddPngs,
  ...hostilePngs,
  ...oddJpegs,
  ...hostileJpegs,
  ...hostileWebps,
  ...unsupportedFiles,
  ...imagesAtTheLimit,
];

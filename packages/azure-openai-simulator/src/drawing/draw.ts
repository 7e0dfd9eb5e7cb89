import sharp, { type OverlayOptions, type Sharp } from "sharp";
import { letter, type Lettering } from "./lettering.ts";
import { sceneSvg } from "./scene.ts";
import { weigh } from "./weight.ts";

// Machines that run a simulator run an app and its tests beside it.
sharp.concurrency(1);

export type PictureFormat = "png" | "jpeg" | "webp" | "gif" | "text";

export interface PictureOrder {
  readonly words: string;
  readonly caption: string;
  /** Two orders with the same key and words are the same picture. */
  readonly key: string;
  readonly width: number;
  readonly height: number;
  readonly format: PictureFormat;
  /** JPEG and WebP: the encoder's quality. */
  readonly compression: number | undefined;
  readonly transparent: boolean;
  /** The least the file weighs. */
  readonly bytes: number | undefined;
}

export const contentTypes: Readonly<Record<PictureFormat, string>> = {
  png: "image/png",
  jpeg: "image/jpeg",
  webp: "image/webp",
  gif: "image/gif",
  text: "text/plain",
};

export async function draw(order: PictureOrder): Promise<Buffer> {
  const { width, height } = order;
  const [words, caption] = await Promise.all([
    letter(order.words, { width: Math.ceil(width * 0.8), height: Math.ceil(height * 0.5) }),
    letter(order.caption, { width: Math.ceil(width * 0.46), height: Math.ceil(height * 0.035) }),
  ]);
  const margin = Math.round(Math.min(width, height) * 0.03);
  const placed = [
    place(words, Math.round((width - words.width) / 2), Math.round((height - words.height) / 2)),
    place(caption, margin, height - caption.height - margin),
  ];
  const scene = sceneSvg({ ...order, plates: placed.map((layer) => around(layer, order)) });
  const picture = sharp(Buffer.from(scene)).composite(placed.map(({ overlay }) => overlay));
  return finish(picture, order);
}

/** The file that was asked for. */
export async function finish(picture: Sharp, order: PictureOrder): Promise<Buffer> {
  if (order.format === "text") return Buffer.from("This is not an image.\n");
  return weigh(await encode(picture, order), order.bytes);
}

interface Layer {
  readonly overlay: OverlayOptions;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

function place({ pixels, width, height }: Lettering, left: number, top: number): Layer {
  const spot = { left: Math.max(0, left), top: Math.max(0, top) };
  const raw = { width, height, channels: 4 as const };
  return { overlay: { input: pixels, raw, ...spot }, ...spot, width, height };
}

function around(layer: Layer, { width, height }: PictureOrder): Layer {
  const margin = Math.max(2, Math.round(layer.height * 0.12 + Math.min(width, height) * 0.008));
  return {
    ...layer,
    left: layer.left - margin,
    top: layer.top - margin,
    width: layer.width + 2 * margin,
    height: layer.height + 2 * margin,
  };
}

function encode(picture: Sharp, order: PictureOrder): Promise<Buffer> {
  const solid = order.transparent ? picture : picture.removeAlpha();
  const quality = Math.max(1, order.compression ?? 90);
  switch (order.format) {
    case "jpeg":
      return picture.flatten({ background: "white" }).jpeg({ quality }).toBuffer();
    case "webp":
      return solid.webp({ quality, effort: 0 }).toBuffer();
    case "gif":
      return solid.gif({ effort: 1 }).toBuffer();
    default:
      return solid.png({ compressionLevel: 2 }).toBuffer();
  }
}

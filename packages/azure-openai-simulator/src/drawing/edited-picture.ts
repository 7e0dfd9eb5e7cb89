import sharp, { type OverlayOptions, type Sharp } from "sharp";
import { finish, type PictureOrder } from "./draw.ts";
import { innerBox, outerBox, type Box } from "./inner-box.ts";
import { letter } from "./lettering.ts";
import { chance, plate, sceneSvg } from "./scene.ts";

/** Decoded pixels, four bytes each. */
export interface Raster {
  readonly pixels: Buffer;
  readonly width: number;
  readonly height: number;
}

export interface EditInputs {
  /** The first input, at the size of the answer. */
  readonly base: Raster;
  /** The other inputs, small. */
  readonly tiles: readonly Raster[];
  /** The mask, at the size of the answer: what is clear here is painted anew. */
  readonly mask: Raster | undefined;
}

/** The input, and what the prompt made of it: inside the mask, or all over where there is none. */
export async function drawEdit(order: PictureOrder, { base, tiles, mask }: EditInputs): Promise<Buffer> {
  const pixels =
    mask === undefined ? await restyle(order, base, tiles) : await repaint(order, base, tiles, mask);
  const clear = order.transparent || hasClear(pixels);
  return finish(open({ ...base, pixels }), { ...order, transparent: clear });
}

async function repaint(
  order: PictureOrder,
  base: Raster,
  tiles: readonly Raster[],
  mask: Raster,
): Promise<Buffer> {
  const inside = (x: number, y: number) => mask.pixels[(y * mask.width + x) * 4 + 3] === 0;
  const area = outerBox(base, inside);
  // A mask that opens nothing changes nothing.
  if (area === undefined) return base.pixels;
  const spot = innerBox(area, inside);
  const within = { ...spot, left: spot.left - area.left, top: spot.top - area.top };
  const scene = sceneSvg({ ...order, width: area.width, height: area.height, plates: [] });
  const painted = await inscribe(sharp(Buffer.from(scene)), area, within, order.words, tiles);
  const pixels = Buffer.from(base.pixels);
  for (let y = 0; y < area.height; y += 1) {
    for (let x = 0; x < area.width; x += 1) {
      if (!inside(area.left + x, area.top + y)) continue;
      const from = (y * area.width + x) * 4;
      painted.copy(pixels, ((area.top + y) * base.width + area.left + x) * 4, from, from + 4);
    }
  }
  return pixels;
}

/** Recoloured and striped, and still the same picture. */
function restyle(order: PictureOrder, base: Raster, tiles: readonly Raster[]): Promise<Buffer> {
  const next = chance(order.key);
  const hue = Math.floor(next() * 360);
  const whole = { left: 0, top: 0, width: base.width, height: base.height };
  const pattern = { input: Buffer.from(stripesSvg(base, hue, next)), blend: "atop" } as const;
  const inner = { left: 0.1, top: 0.25, width: 0.8, height: 0.7 };
  const within = {
    left: Math.round(inner.left * base.width),
    top: Math.round(inner.top * base.height),
    width: Math.max(1, Math.round(inner.width * base.width)),
    height: Math.max(1, Math.round(inner.height * base.height)),
  };
  const coloured = open(base).modulate({ hue: 60 + Math.floor(next() * 240), saturation: 1.4 });
  return inscribe(coloured, whole, within, order.words, tiles, [pattern]);
}

function stripesSvg({ width, height }: Raster, hue: number, next: () => number): string {
  const pitch = Math.max(4, Math.round(Math.min(width, height) * (0.05 + next() * 0.08)));
  const turn = Math.floor(next() * 180);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">`,
    // A gradient that repeats: librsvg takes ten times as long for a pattern that is turned.
    `<linearGradient id="p" gradientUnits="userSpaceOnUse" x2="${pitch}" y2="0" spreadMethod="repeat" gradientTransform="rotate(${turn})">`,
    `<stop offset="0.5" stop-color="hsl(${hue},80%,45%)" stop-opacity="0.25"/>`,
    `<stop offset="0.5" stop-color="hsl(${(hue + 60) % 360},85%,65%)" stop-opacity="0.3"/>`,
    `</linearGradient><rect width="${width}" height="${height}" fill="url(#p)"/></svg>`,
  ].join("");
}

/** Letters the words on a picture, inside a box of it, with the other inputs in a strip below them. */
async function inscribe(
  picture: Sharp,
  { width, height }: Box,
  within: Box,
  words: string,
  tiles: readonly Raster[],
  below: readonly OverlayOptions[] = [],
): Promise<Buffer> {
  const strip =
    tiles.length === 0
      ? 0
      : Math.min(Math.floor(within.height * 0.3), Math.floor(within.width / tiles.length));
  const room = { width: Math.ceil(within.width * 0.92), height: Math.ceil((within.height - strip) * 0.8) };
  const text = await letter(words, room);
  const spot = {
    left: within.left + Math.max(0, Math.round((within.width - text.width) / 2)),
    top: within.top + Math.max(0, Math.round((within.height - strip - text.height) / 2)),
  };
  const raw = { width: text.width, height: text.height, channels: 4 as const };
  const ground = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${plate(padded({ ...text, ...spot }))}</svg>`;
  const overlays = [
    ...below,
    { input: Buffer.from(ground) },
    { input: text.pixels, raw, ...spot },
    ...(await inStrip(tiles, within, strip)),
  ];
  return await picture.ensureAlpha().composite(overlays).raw().toBuffer();
}

function padded({ left, top, width, height }: Box): Box {
  const margin = Math.ceil(height * 0.08);
  return { left: left - margin, top: top - margin, width: width + 2 * margin, height: height + 2 * margin };
}

function inStrip(tiles: readonly Raster[], within: Box, side: number): Promise<OverlayOptions[]> {
  if (side < 1) return Promise.resolve([]);
  const start = within.left + Math.floor((within.width - side * tiles.length) / 2);
  return Promise.all(
    tiles.map(async (tile, at) => {
      const input = await open(tile).resize(side, side).raw().toBuffer();
      const raw = { width: side, height: side, channels: 4 as const };
      return { input, raw, left: start + at * side, top: within.top + within.height - side };
    }),
  );
}

function open({ pixels, width, height }: Raster): Sharp {
  return sharp(pixels, { raw: { width, height, channels: 4 } });
}

function hasClear(pixels: Buffer): boolean {
  for (let at = 3; at < pixels.length; at += 4) if (pixels[at] !== 255) return true;
  return false;
}

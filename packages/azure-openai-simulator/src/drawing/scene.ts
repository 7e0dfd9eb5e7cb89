import { createHash } from "node:crypto";

/** A stream of numbers in [0, 1) that depends on nothing but its key: same key, same picture. */
export function chance(key: string): () => number {
  let state = createHash("sha256").update(key).digest().readUInt32LE(0);
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Box {
  readonly top: number;
  readonly left: number;
  readonly width: number;
  readonly height: number;
}

export interface Scene {
  readonly key: string;
  readonly width: number;
  readonly height: number;
  readonly transparent: boolean;
  /** Dark plates under the lettering, so that it reads on any colour. */
  readonly plates: readonly Box[];
}

/** A sky of two hues that go together, soft discs, and hills in front. */
export function sceneSvg(scene: Scene): string {
  const next = chance(scene.key);
  const hue = Math.floor(next() * 360);
  const { width, height } = scene;
  const sky = scene.transparent ? "" : `<rect width="${width}" height="${height}" fill="url(#sky)"/>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">`,
    gradient(hue, next),
    sky,
    ...Array.from({ length: 5 }, () => disc(scene, hue, next)),
    hill(scene, 0.62, `hsl(${(hue + 200) % 360},45%,30%)`, next),
    hill(scene, 0.78, `hsl(${(hue + 215) % 360},50%,18%)`, next),
    ...scene.plates.map(plate),
    "</svg>",
  ].join("");
}

function gradient(hue: number, next: () => number): string {
  const tilt = next().toFixed(2);
  return `<linearGradient id="sky" x1="0" y1="0" x2="${tilt}" y2="1"><stop offset="0" stop-color="hsl(${hue},65%,42%)"/><stop offset="1" stop-color="hsl(${(hue + 55) % 360},75%,68%)"/></linearGradient>`;
}

function disc({ width, height }: Scene, hue: number, next: () => number): string {
  const radius = Math.round((0.06 + next() * 0.2) * Math.min(width, height));
  const x = Math.round(next() * width);
  const y = Math.round(next() * height * 0.7);
  const colour = `hsl(${(hue + Math.round(next() * 90)) % 360},80%,75%)`;
  return `<circle cx="${x}" cy="${y}" r="${radius}" fill="${colour}" fill-opacity="0.35"/>`;
}

function hill({ width, height }: Scene, level: number, colour: string, next: () => number): string {
  const at = (drop: number): number => Math.round((level + drop * (next() - 0.5)) * height);
  const first = `M0 ${at(0.2)} Q${Math.round(width / 4)} ${at(0.3)} ${Math.round(width / 2)} ${at(0.1)}`;
  return `<path d="${first} T${width} ${at(0.2)} V${height} H0 Z" fill="${colour}" fill-opacity="0.85"/>`;
}

/** A dark plate that letters stand out on. */
export function plate({ top, left, width, height }: Box): string {
  const round = Math.round(Math.min(width, height) * 0.12);
  return `<rect x="${left}" y="${top}" width="${width}" height="${height}" rx="${round}" fill="#0b1020" fill-opacity="0.72"/>`;
}

import { createHash } from "node:crypto";
import sharp from "sharp";
import { aPrompt, type Simulated } from "./support.ts";

export const editPath = "/openai/deployments/gpt-image/images/edits?api-version=2025-04-01-preview";

export interface Size {
  readonly width: number;
  readonly height: number;
}

const square: Size = { width: 1024, height: 1024 };

/** Every pixel differs from its neighbours, so that a shift or a blur shows. */
export function input(format: "png" | "jpeg" | "webp" | "gif" = "png", size = square): Promise<Buffer> {
  const { width, height } = size;
  const pixels = Buffer.alloc(width * height * 3);
  for (let at = 0; at < pixels.length; at += 1)
    pixels[at] = (at * 7 + Math.floor(at / (width * 3)) * 13) % 251;
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .toFormat(format)
    .toBuffer();
}

export function plain(colour: string, size = square): Promise<Buffer> {
  return sharp({ create: { ...size, channels: 3, background: colour } })
    .png()
    .toBuffer();
}

export const hole = { left: 300, top: 400, width: 500, height: 300 };

export function isInHole(x: number, y: number): boolean {
  return x >= hole.left && x < hole.left + hole.width && y >= hole.top && y < hole.top + hole.height;
}

/** Opaque but for a hole. */
export function mask(size = square): Promise<Buffer> {
  const { width, height } = hole;
  const cut = { create: { width, height, channels: 4 as const, background: "white" } };
  return sharp({ create: { ...size, channels: 4, background: "black" } })
    .composite([{ input: cut, left: hole.left, top: hole.top, blend: "dest-out" }])
    .png()
    .toBuffer();
}

export function file(bytes: Buffer, type = "image/png", name = "in.png"): File {
  return new File([new Uint8Array(bytes)], name, { type });
}

export type Field = readonly [name: string, value: string | File];

/** A form with an image and a prompt, unless the fields bring their own. */
export async function formOf(...fields: Field[]): Promise<FormData> {
  const form = new FormData();
  const has = (wanted: string) => fields.some(([name]) => name === wanted);
  if (!has("prompt")) form.append("prompt", aPrompt());
  if (!has("image") && !has("image[]"))
    form.append("image", file(await plain("teal", { width: 64, height: 64 })));
  for (const [name, value] of fields) form.append(name, value);
  return form;
}

export async function post(
  { url, credentials }: Simulated,
  body: FormData | string | Buffer,
  { path = editPath, headers = {} }: { path?: string; headers?: Readonly<Record<string, string>> } = {},
) {
  const payload = Buffer.isBuffer(body) ? new Uint8Array(body) : body;
  const request = { method: "POST", headers: { ...credentials, ...headers }, body: payload };
  const response = await fetch(new URL(path, url), request);
  return { status: response.status, headers: response.headers, body: await response.json() };
}

export function sha256(bytes: Buffer | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

export async function rgb(bytes: Buffer): Promise<{ pixels: Buffer } & Size> {
  const { data, info } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { pixels: data, width: info.width, height: info.height };
}

/** How many pixels differ, where the place is one that counts. */
export async function differing(left: Buffer, right: Buffer, counts: (x: number, y: number) => boolean) {
  const [one, other] = await Promise.all([rgb(left), rgb(right)]);
  let different = 0;
  for (let at = 0; at < one.pixels.length; at += 3) {
    const pixel = at / 3;
    if (!counts(pixel % one.width, Math.floor(pixel / one.width))) continue;
    if (one.pixels.readUIntBE(at, 3) !== other.pixels.readUIntBE(at, 3)) different += 1;
  }
  return different;
}

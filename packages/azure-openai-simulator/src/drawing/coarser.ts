import sharp from "sharp";
import { finish, type PictureOrder } from "./draw.ts";

/** The first is a sixteenth as fine as the picture, the next an eighth, and so on. */
const coarsest = 16;

/** The picture as it would look when it is still being made: of its full size, in blocks that shrink from step to step. */
export async function coarser(file: Buffer, order: PictureOrder, step: number): Promise<Buffer> {
  if (order.format === "text") return file;
  const { width, height } = order;
  const block = Math.max(2, Math.round(coarsest / 2 ** step));
  const small = { width: Math.ceil(width / block), height: Math.ceil(height / block) };
  const blocks = await sharp(file)
    .ensureAlpha()
    .resize({ ...small, fit: "fill" })
    .raw()
    .toBuffer();
  const grown = sharp(blocks, { raw: { ...small, channels: 4 } });
  return finish(grown.resize({ width, height, fit: "fill", kernel: "nearest" }), order);
}

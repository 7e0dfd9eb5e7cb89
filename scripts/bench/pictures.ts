import sharp from "sharp";

/** `noise`: how many values a channel takes at random; it decides how badly the picture packs. */
const pictures = {
  /** 64 pixels square. */
  small: { side: 64, noise: 3.6 },
  /** 1024 pixels square, 1.5 MB: a reply of 2.0 MB. */
  usual: { side: 1_024, noise: 3.6 },
  /** 3 MB. */
  large: { side: 1_430, noise: 3.6 },
  /** 200 kB. */
  partial: { side: 360, noise: 3.6 },
};

export type PictureName = keyof typeof pictures;

const made = new Map<PictureName, Promise<Buffer>>();

/** A PNG, the same every time: a gradient under noise, which packs as badly as a painting does. */
export function pictureOf(name: PictureName): Promise<Buffer> {
  const picture = made.get(name) ?? make(pictures[name]);
  made.set(name, picture);
  return picture;
}

function make({ side, noise }: { side: number; noise: number }): Promise<Buffer> {
  const channels = 3;
  const data = Buffer.alloc(side * side * channels);
  let seed = 1;
  for (let at = 0; at < data.length; at += 1) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    data[at] = (((at / channels) % side) / side) * 128 + Math.floor((seed / 2 ** 32) * noise);
  }
  return sharp(data, { raw: { width: side, height: side, channels } })
    .png()
    .toBuffer();
}

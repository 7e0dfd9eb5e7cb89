import { crc32, deflateSync } from "node:zlib";

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const side = 64;

/**
 * A PNG of 64 pixels a side whose pixels spell a token and are not compressed: anyone who forwards its bytes finds the token
 * in them. A mask is clear in its lower half.
 */
export function pictureSpelling(token: string, kind: "image" | "mask" = "image"): Buffer {
  const channels = kind === "mask" ? 4 : 3;
  const rows = Array.from({ length: side }, (_, y) => {
    const row = Buffer.alloc(1 + side * channels, y * 3);
    row[0] = 0;
    if (kind === "image") row.write(token, 1, "latin1");
    else for (let x = 0; x < side; x += 1) row[1 + x * 4 + 3] = y < side / 2 ? 255 : 0;
    return row;
  });
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, kind === "mask" ? 6 : 2, 0, 0, 0], 8);
  const pixels = deflateSync(Buffer.concat(rows), { level: 0 });
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", pixels),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(8 + named.length);
  framed.writeUInt32BE(data.length, 0);
  framed.set(named, 4);
  framed.writeUInt32BE(crc32(named), 4 + named.length);
  return framed;
}

import sharp from "sharp";
import type { Finding } from "./finding.ts";

/** What both products want of an icon: PNG, a square of 100 to 230 pixels, the brand's colour around a mark that leaves a margin. */
export async function checkIcon(bytes: Buffer, brandColor: string): Promise<Finding[]> {
  const { format, width, height } = await sharp(bytes).metadata();
  const { data } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const brand = [1, 3, 5].map((at) => Number.parseInt(brandColor.slice(at, at + 2), 16));
  const margin = Math.ceil(width * 0.15);
  const isBrand = (x: number, y: number) =>
    brand.every((value, channel) => data[(y * width + x) * 3 + channel] === value);
  const inMargin = (at: number, side: number) => at < margin || at >= side - margin;
  let stray = 0;
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1)
      if ((inMargin(x, width) || inMargin(y, height)) && !isBrand(x, y)) stray += 1;
  const rules: [boolean, string, string][] = [
    [format === "png", "png", `is ${format}`],
    [width === height && width >= 100 && width <= 230, "square", `is ${width} by ${height}`],
    [bytes.length < 1024 * 1024, "size", `has ${bytes.length} bytes`],
    [stray === 0, "margin", `has ${stray} pixels of another colour where only the brand's belongs`],
  ];
  return rules.flatMap(([isMet, rule, message]) =>
    isMet ? [] : [{ rule: `icon:${rule}`, place: "icon", message }],
  );
}

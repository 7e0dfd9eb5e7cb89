/** Sizes are written "WIDTHxHEIGHT", in pixels. */
export interface Dimensions {
  width: number;
  height: number;
}

/** A model that takes any size within limits, where others have a list. All numbers are pixels. */
export interface SizeRule {
  multipleOf: number;
  maxSide: number;
  minimumPixels: number;
  maximumPixels: number;
  /** Longest side over shortest side. */
  maximumRatio: number;
}

export function parseSize(text: string): Dimensions | undefined {
  const match = /^([1-9]\d{0,4})x([1-9]\d{0,4})$/.exec(text);
  return match ? { width: Number(match[1]), height: Number(match[2]) } : undefined;
}

/** The rule in words, for an error's `allowed` list. */
export function describeSizeRule(rule: SizeRule): string {
  return (
    `WIDTHxHEIGHT, both divisible by ${rule.multipleOf}, no side above ${rule.maxSide}, ` +
    `ratio at most ${rule.maximumRatio}:1, ${rule.minimumPixels} to ${rule.maximumPixels} pixels in all`
  );
}

export function fitsSizeRule({ width, height }: Dimensions, rule: SizeRule): boolean {
  const longest = Math.max(width, height);
  const pixels = width * height;
  return (
    width % rule.multipleOf === 0 &&
    height % rule.multipleOf === 0 &&
    longest <= rule.maxSide &&
    longest / Math.min(width, height) <= rule.maximumRatio &&
    pixels >= rule.minimumPixels &&
    pixels <= rule.maximumPixels
  );
}

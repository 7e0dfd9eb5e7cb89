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

/** The size nearest to one that breaks the rule: of its shape as far as the rule lets it, and never smaller unless it must be. */
export function fitToSizeRule(size: Dimensions, rule: SizeRule): Dimensions {
  const { multipleOf, maxSide, minimumPixels, maximumPixels, maximumRatio } = rule;
  // What is too narrow is made wider.
  const longest = Math.max(size.width, size.height);
  const width = Math.max(size.width, longest / maximumRatio);
  const height = Math.max(size.height, longest / maximumRatio);
  const pixels = width * height;
  const grown = Math.max(1, Math.sqrt(minimumPixels / pixels));
  const scale = Math.min(grown, maxSide / longest, Math.sqrt(maximumPixels / pixels));
  const round = scale < 1 ? Math.floor : Math.ceil;
  const side = (length: number) => multipleOf * Math.max(1, round((length * scale) / multipleOf));
  return { width: side(width), height: side(height) };
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

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export type Inside = (x: number, y: number) => boolean;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The smallest box around all that is inside; nothing when nothing is. */
export function outerBox({ width, height }: Size, inside: Inside): Box | undefined {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (!inside(x, y)) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = y;
    }
  }
  return right < 0 ? undefined : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

const cells = 48;

/** About the largest box that holds nothing but the inside: where letters can be read. Coarse, so that it is quick. */
export function innerBox(within: Box, inside: Inside): Box {
  const step = Math.max(1, Math.ceil(Math.max(within.width, within.height) / cells));
  const columns = Math.floor(within.width / step);
  const rows = Math.floor(within.height / step);
  const runs = Array.from({ length: columns }, () => 0);
  let best: Box = { left: 0, top: 0, width: 0, height: 0 };
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const filled = isFilled(within.left + column * step, within.top + row * step, step, inside);
      runs[column] = filled ? (runs[column] ?? 0) + 1 : 0;
    }
    for (let from = 0; from < columns; from += 1) {
      let height = Infinity;
      for (let to = from; to < columns; to += 1) {
        height = Math.min(height, runs[to] ?? 0);
        if (height === 0) break;
        const width = to - from + 1;
        if (width * height > best.width * best.height)
          best = { left: from, top: row - height + 1, width, height };
      }
    }
  }
  if (best.width === 0) return within;
  return {
    left: within.left + best.left * step,
    top: within.top + best.top * step,
    width: best.width * step,
    height: best.height * step,
  };
}

function isFilled(left: number, top: number, step: number, inside: Inside): boolean {
  for (let y = top; y < top + step; y += 1) {
    for (let x = left; x < left + step; x += 1) if (!inside(x, y)) return false;
  }
  return true;
}

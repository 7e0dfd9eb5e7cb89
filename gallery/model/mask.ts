/** What is painted on an image, in the image's own pixels, and the mask that comes of it. */

export interface Point {
  x: number;
  y: number;
}

export type Mark =
  | { kind: "stroke"; erases: boolean; size: number; points: readonly Point[] }
  | { kind: "rectangle"; erases: boolean; x: number; y: number; width: number; height: number };

export interface Painting {
  marks: readonly Mark[];
}

export const blank: Painting = { marks: [] };
export const marked = ({ marks }: Painting, mark: Mark): Painting => ({ marks: [...marks, mark] });
export const undone = ({ marks }: Painting): Painting => ({ marks: marks.slice(0, -1) });

/** The part of a 2D context that marks are drawn with. */
export interface Brush {
  globalCompositeOperation: string;
  fillStyle: unknown;
  strokeStyle: unknown;
  lineWidth: number;
  lineCap: string;
  lineJoin: string;
  beginPath(): void;
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  stroke(): void;
  fillRect(x: number, y: number, width: number, height: number): void;
}

export function draw(brush: Brush, mark: Mark, color: string): void {
  brush.globalCompositeOperation = mark.erases ? "destination-out" : "source-over";
  brush.fillStyle = color;
  brush.strokeStyle = color;
  if (mark.kind === "rectangle") {
    brush.fillRect(mark.x, mark.y, mark.width, mark.height);
    return;
  }
  const [first, ...others] = mark.points;
  if (!first) return;
  brush.lineWidth = mark.size;
  brush.lineCap = "round";
  brush.lineJoin = "round";
  brush.beginPath();
  brush.moveTo(first.x, first.y);
  // A tap is a dot: of a line without any length, canvases draw nothing.
  const dot = { x: first.x + 0.1, y: first.y };
  for (const { x, y } of others.length > 0 ? others : [dot]) brush.lineTo(x, y);
  brush.stroke();
}

/**
 * The mask of what is painted: clear where there is paint, opaque elsewhere, and nothing between. The soft edge of a
 * stroke would be neither to the service.
 */
export function maskOf(painted: Uint8ClampedArray): {
  pixels: Uint8ClampedArray<ArrayBuffer>;
  share: number;
} {
  const pixels = new Uint8ClampedArray(painted.length);
  let clear = 0;
  for (let at = 3; at < painted.length; at += 4) {
    const isPainted = (painted[at] ?? 0) >= 128;
    pixels[at] = isPainted ? 0 : 255;
    if (isPainted) clear += 1;
  }
  return { pixels, share: painted.length === 0 ? 0 : clear / (painted.length / 4) };
}

/** Where a place on the screen lies in the image. */
export function inImage(
  at: Point,
  shown: { left: number; top: number; width: number; height: number },
  image: { width: number; height: number },
): Point {
  return {
    x: ((at.x - shown.left) / shown.width) * image.width,
    y: ((at.y - shown.top) / shown.height) * image.height,
  };
}

export interface Frame {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The rectangle that keys move and stretch, in shares of the image: 0 to 1. */
export function moved(frame: Frame, key: string, stretches: boolean, step = 0.05): Frame {
  const across = { ArrowLeft: -step, ArrowRight: step }[key] ?? 0;
  const down = { ArrowUp: -step, ArrowDown: step }[key] ?? 0;
  const within = (value: number, least: number, most: number) =>
    Math.round(Math.min(Math.max(value, least), most) * 1000) / 1000;
  if (stretches) {
    return {
      ...frame,
      width: within(frame.width + across, step, 1 - frame.x),
      height: within(frame.height + down, step, 1 - frame.y),
    };
  }
  return {
    ...frame,
    x: within(frame.x + across, 0, 1 - frame.width),
    y: within(frame.y + down, 0, 1 - frame.height),
  };
}

export function describeFrame({ x, y, width, height }: Frame): string {
  const percent = (share: number) => `${Math.round(share * 100)}%`;
  return `${percent(width)} wide, ${percent(height)} high, ${percent(x)} from the left, ${percent(y)} from the top`;
}

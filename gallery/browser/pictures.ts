import { maskOf } from "../model/mask.ts";

/** Pixels in and out of canvases. */

export interface Picture {
  file: File;
  bitmap: ImageBitmap;
}

/** Upright, as the server sees it too: a mask's pixels must lie on the image's. */
export async function openPicture(file: File): Promise<Picture> {
  return { file, bitmap: await createImageBitmap(file, { imageOrientation: "from-image" }) };
}

export function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser has no canvas to paint on.");
  return context;
}

/** The mask as a PNG of the image's own size; undefined when nothing is painted. */
export async function maskFile(painted: HTMLCanvasElement): Promise<File | undefined> {
  const { width, height } = painted;
  const { pixels, share } = maskOf(contextOf(painted).getImageData(0, 0, width, height).data);
  if (share === 0) return undefined;
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  contextOf(canvas).putImageData(new ImageData(pixels, width, height), 0, 0);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (!blob) throw new Error("The mask could not be made into a file.");
  return new File([blob], "mask.png", { type: "image/png" });
}

/** Hands bytes to the browser's own downloads. */
export function saveAs(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

const extensions: Record<string, string> = { "image/jpeg": "jpg", "image/webp": "webp" };

/** What a downloaded image is called, here and in the commands that name it. */
export function fileName(id: string, index: number, type: string): string {
  return `${id}-${index}.${extensions[type] ?? "png"}`;
}

import { invalidRequest, type Violation } from "./app-error.ts";

/**
 * Smaller pictures of a stored one, made when first asked for and kept with it. The values are fixed, so that nobody can make
 * storage grow without bound: few widths, and each of them again and again by few kinds.
 */
export interface Rendition {
  /** Pixels; absent for the picture's own width. Never made larger than it is. */
  width: number | undefined;
  format: RenditionFormat;
  quality: number;
  /** `inside` keeps the shape; `cover` fills a square and cuts off what goes beyond, on both sides alike. */
  fit: "inside" | "cover";
}

export const renditionFormats = ["webp", "jpeg", "png", "avif"] as const;
export type RenditionFormat = (typeof renditionFormats)[number];

/** What each parameter may be, as it is written in an address. Widths are those of phones and of lists, once and twice. */
export const renditionParameters = {
  width: ["128", "256", "390", "512", "640", "780", "1024", "1170", "1536", "2048"],
  format: renditionFormats,
  quality: ["60", "80", "95"],
  fit: ["inside", "cover"],
} as const;
type Name = keyof typeof renditionParameters;
const names = Object.keys(renditionParameters) as Name[];

/** The rendition that a query asks for; undefined where it asks for none. Throws `invalidRequest` with the list. */
export function readRendition(query: URLSearchParams): Rendition | undefined {
  if (!names.some((name) => query.has(name))) return undefined;
  const violations: Violation[] = [];
  for (const other of ["thumbnail", "download"])
    if (query.has(other))
      violations.push({ param: other, message: `${other} goes without ${names.join(", ")}.` });
  const read = (name: Name, absent: string) => {
    const text = query.get(name);
    const allowed: readonly string[] = renditionParameters[name];
    if (text !== null && !allowed.includes(text))
      violations.push({ param: name, message: `${name} must be one of: ${allowed.join(", ")}.`, allowed });
    return text ?? absent;
  };
  const width = read("width", "");
  const format = read("format", "webp");
  const quality = read("quality", "80");
  const fit = read("fit", "inside");
  if (fit === "cover" && width === "")
    violations.push({ param: "fit", message: "fit=cover needs a width.", allowed: ["inside"] });
  if (violations.length > 0) throw invalidRequest(violations);
  return {
    width: width === "" ? undefined : Number(width),
    format: format as RenditionFormat,
    quality: Number(quality),
    fit: fit as Rendition["fit"],
  };
}

/** What tells one rendition from all others of a picture; a part of blobs' names. PNG loses nothing, at any quality. */
export function renditionName({ width, format, quality, fit }: Rendition): string {
  return `${width ?? "full"}-${fit}${format === "png" ? "" : `-${quality}`}.${format}`;
}

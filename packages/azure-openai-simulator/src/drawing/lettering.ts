import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import sharp from "sharp";

const boldFont = createRequire(import.meta.url).resolve("dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf");

// A machine without fonts has no fontconfig file either; an empty one spares a warning per text.
if (process.env.FONTCONFIG_FILE === undefined && !existsSync("/etc/fonts/fonts.conf")) {
  process.env.FONTCONFIG_FILE = fileURLToPath(new URL("fonts.conf", import.meta.url));
}

export interface Lettering {
  readonly pixels: Buffer;
  readonly width: number;
  readonly height: number;
}

const longest = 280;

/** White letters on nothing, never larger than the box. */
export async function letter(
  words: string,
  box: { readonly width: number; readonly height: number },
): Promise<Lettering> {
  const text = markup(words);
  const size = fontSize(Math.min(words.length, longest), box);
  const drawn = await sharp({
    text: {
      text: `<span foreground="white">${text}</span>`,
      font: `DejaVu Sans Bold ${size}`,
      fontfile: boldFont,
      width: box.width,
      align: "centre",
      wrap: "word-char",
      dpi: 72,
      rgba: true,
    },
  })
    .resize({ ...box, fit: "inside", withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { pixels: drawn.data, width: drawn.info.width, height: drawn.info.height };
}

/** Large for a word, small for a paragraph: about as many letters as fill half the box. */
function fontSize(letters: number, box: { readonly width: number; readonly height: number }): number {
  const fill = Math.sqrt((box.width * box.height * 0.5) / (letters * 0.75));
  return Math.max(6, Math.floor(Math.min(fill, box.height * 0.5, box.width * 0.16)));
}

function markup(words: string): string {
  const printable = words.replace(/[\p{Cc}\p{Cs}\s]+/gu, " ").trim();
  const letters = Array.from(printable);
  const cut = letters.length > longest ? `${letters.slice(0, longest - 1).join("")}…` : printable;
  const shown = hasInk(cut) ? cut : "…";
  return shown.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** The text renderer refuses a text that leaves no mark. */
function hasInk(text: string): boolean {
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(text.replace(/[\p{Default_Ignorable_Code_Point}\u2800]/gu, ""));
}

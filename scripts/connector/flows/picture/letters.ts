/**
 * How wide a text becomes, without a font: pictures are shown in whatever font a reader has, so widths are those of a wide
 * one, and a text that fits here fits everywhere.
 */
export type Style = "title" | "note" | "label";
const size = { title: 13.5, note: 11.5, label: 11.5 };
const boldness = { title: 1.1, note: 1, label: 1.12 };
export const lineHeight = { title: 18, note: 16 };

const narrow = new Set("iljtfr.,:;'|!()[] ");
const wide = new Set("mwMW@%");

export function widthOf(text: string, style: Style): number {
  const letters = Array.from(text).reduce((sum, letter) => sum + ofLetter(letter), 0);
  return letters * size[style] * boldness[style];
}

function ofLetter(letter: string): number {
  if (narrow.has(letter)) return 0.38;
  if (wide.has(letter)) return 0.95;
  return letter !== letter.toLowerCase() ? 0.72 : 0.61;
}

/** The text in lines that are no wider than there is room. */
export function wrapped(text: string, room: number, style: Style): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(`${last} ${word}`, style) <= room)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

import type { Look } from "./words.ts";

/** Colours for light and dark pages: a picture in a README can't know which one it is on, but its reader's system does. */
const colours: Record<Look, [light: string, dark: string]> = {
  trigger: ["#1d5fa8", "#5a9fe8"],
  darkroom: ["#8c1c13", "#e0685c"],
  mail: ["#5b4bb0", "#9486e6"],
  files: ["#5b4bb0", "#9486e6"],
  loop: ["#2f6b4f", "#5fb48a"],
  scope: ["#2f6b4f", "#5fb48a"],
  choice: ["#8a5a12", "#d9a04a"],
  data: ["#5f574f", "#a2978d"],
  answer: ["#146c78", "#4bb3c1"],
};

const rules = (at: 0 | 1) =>
  Object.entries(colours)
    .map(
      ([look, both]) => `.tile.${look}{fill:${both[at]}}.frame.${look}{stroke:${both[at]};fill:${both[at]}}`,
    )
    .join("");

const fonts = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif";

export const style = [
  `text{font-family:${fonts};font-size:11.5px;fill:#6a5f57}`,
  ".title{font-size:13.5px;font-weight:600;fill:#2a211c}",
  ".label,.pill-text{text-anchor:middle;font-weight:600}",
  ".pill-text{fill:#b4380f}",
  ".paper{fill:#fffdfb;stroke:#e6dcd2}",
  ".card{fill:#fff;stroke:#d9cec4}",
  ".frame{stroke-width:1.5;fill-opacity:.05}",
  ".column{fill:none;stroke:#cfc3b8;stroke-dasharray:2 4}",
  ".glyph{fill:none;stroke:#fff;stroke-width:1.6;stroke-linecap:round;stroke-linejoin:round}",
  ".way{fill:none;stroke:#8f847b;stroke-width:1.6}",
  ".way.other{stroke:#c2410c;stroke-dasharray:5 4}.way.head{stroke-dasharray:none;stroke-linecap:round;stroke-linejoin:round}",
  ".pill{fill:#fff4ee;stroke:#e9b59d}",
  rules(0),
  "@media (prefers-color-scheme:dark){",
  "text{fill:#b9ada3}.title{fill:#f6eee7}.pill-text{fill:#ff9d78}",
  ".paper{fill:#171311;stroke:#3a312b}.card{fill:#221c19;stroke:#443a33}.frame{fill-opacity:.09}",
  ".column{stroke:#574b43}.glyph{stroke:#171311}.way{stroke:#8d8178}.way.other{stroke:#ff8a5c}",
  ".pill{fill:#34201a;stroke:#7a4632}",
  rules(1),
  "}",
].join("");

/** Marks of sixteen pixels, as lines. */
export const glyphs: Record<Look, string> = {
  trigger: '<path d="M9 1.5 3.5 9H8l-1 5.5L12.5 7H8z"/>',
  darkroom: '<rect x="1.5" y="2.5" width="13" height="11" rx="1.5"/><path d="M2 11.5 6 7l3 3 2-1.5 3 3"/>',
  mail: '<rect x="1.5" y="3" width="13" height="10" rx="1.5"/><path d="m2 4 6 5 6-5"/>',
  files: '<path d="M1.5 13V3.5h4l1.5 2h7.5V13z"/>',
  loop: '<path d="M13.5 7A5.5 5.5 0 0 0 3.5 5M2.5 9a5.5 5.5 0 0 0 10 2M3 1.5V5h3.5M13 14.5V11H9.5"/>',
  scope: '<path d="M5 2H3v12h2M11 2h2v12h-2"/>',
  choice: '<path d="M8 14V9M8 9 3 4M8 9l5-5M3 7V4h3M13 7V4h-3"/>',
  data: '<path d="M6 2C3.5 2 5.5 8 2.5 8c3 0 1 6 3.5 6M10 2c2.5 0 .5 6 3.5 6-3 0-1 6-3.5 6"/>',
  answer: '<path d="M6 3 2 7l4 4M2 7h7a5 5 0 0 1 5 5v1"/>',
};

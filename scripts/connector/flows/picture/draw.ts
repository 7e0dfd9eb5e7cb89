import { type JsonObject, textAt } from "../../json.ts";
import type { Services } from "../services.ts";
import { type Arrow, type Box, type Flow, flowOf, inset, labelHeight } from "./layout.ts";
import { lineHeight, widthOf } from "./letters.ts";
import { glyphs, style } from "./style.ts";
import { wordsOf } from "./words.ts";

const edge = 24;

/** A workflow's flow, drawn from its definition alone: the same bytes on every machine. */
export function drawFlow(title: string, definition: JsonObject, services: Services): string {
  const flow = flowOf(definition, (step) => wordsOf(services, step));
  const labels = flow.arrows.map(({ to, label }) => to.x + widthOf(label ?? "", "label") / 2 + 12);
  const width = Math.ceil(Math.max(flow.width, ...labels) + 2 * edge);
  const height = Math.ceil(flow.height + 2 * edge);
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title description">`,
    `<title id="title">${escaped(title)}</title>`,
    `<desc id="description">${escaped(textAt(definition, "description") ?? "")}</desc>`,
    `<style>${style}</style>`,
    `<rect class="paper" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="14"/>`,
    ...group(edge, edge, drawnFlow(flow)),
    "</svg>",
  ];
  return `${lines.join("\n")}\n`;
}

/** Boxes first: arrows and what they say lie upon the frames that they cross. */
function drawnFlow({ boxes, arrows }: Flow): string[] {
  return [...boxes.flatMap(({ x, y, box }) => group(x, y, drawnBox(box))), ...arrows.flatMap(drawnArrow)];
}

function drawnBox({ words, width, height, headHeight, columns }: Box): string[] {
  const { look, title, notes } = words;
  const top = Math.round((headHeight - title.length * lineHeight.title - notes.length * lineHeight.note) / 2);
  const firstNote = top + title.length * lineHeight.title;
  return [
    columns.length > 0
      ? `<rect class="frame ${look}" width="${round(width)}" height="${round(height)}" rx="12"/>`
      : `<rect class="card" width="${round(width)}" height="${round(height)}" rx="10"/>`,
    `<rect class="tile ${look}" x="11" y="${round(headHeight / 2 - 13)}" width="26" height="26" rx="7"/>`,
    `<g class="glyph" transform="translate(16 ${round(headHeight / 2 - 8)})">${glyphs[look]}</g>`,
    ...title.map((line, at) => text("title", inset, top + at * lineHeight.title + 13.5, line)),
    ...notes.map((line, at) => text("note", inset, firstNote + at * lineHeight.note + 12, line)),
    ...columns.flatMap(({ label, x, y, width: across, height: down, flow }) =>
      group(x, y, [
        ...(label === undefined
          ? []
          : [
              `<rect class="column" width="${round(across)}" height="${round(down)}" rx="9"/>`,
              text("label", round(across / 2), 20, label),
            ]),
        ...group((across - flow.width) / 2, label === undefined ? 0 : 34, drawnFlow(flow)),
      ]),
    ),
  ];
}

function drawnArrow({ from, to, label }: Arrow): string[] {
  const tip = { x: to.x, y: to.y - 2 };
  const bend = from.y + 14;
  const turn = Math.min(8, Math.abs(to.x - from.x) / 2);
  const way =
    from.x === to.x
      ? `M${round(from.x)} ${round(from.y)}V${round(tip.y)}`
      : `M${round(from.x)} ${round(from.y)}V${round(bend - turn)}q0 ${turn} ${turn} ${turn}H${round(tip.x - turn)}q${turn} 0 ${turn} ${turn}V${round(tip.y)}`;
  const kind = label === undefined ? "way" : "way other";
  const head = `M${round(tip.x - 5)} ${round(tip.y - 7)}L${round(tip.x)} ${round(tip.y)}L${round(tip.x + 5)} ${round(tip.y - 7)}`;
  if (label === undefined)
    return [`<path class="${kind}" d="${way}"/>`, `<path class="${kind} head" d="${head}"/>`];
  const width = widthOf(label, "label") + 20;
  const y = to.y - 16 - labelHeight;
  return [
    `<path class="${kind}" d="${way}"/>`,
    `<path class="${kind} head" d="${head}"/>`,
    `<rect class="pill" x="${round(to.x - width / 2)}" y="${round(y)}" width="${round(width)}" height="${labelHeight}" rx="${labelHeight / 2}"/>`,
    text("pill-text", round(to.x), round(y + 14), label),
  ];
}

const group = (x: number, y: number, lines: string[]): string[] => [
  `<g transform="translate(${round(x)} ${round(y)})">`,
  ...lines.map((line) => `  ${line}`),
  "</g>",
];

const text = (kind: string, x: number, y: number, words: string) =>
  `<text class="${kind}" x="${x}" y="${y}">${escaped(words)}</text>`;

const round = (number: number) => Math.round(number * 10) / 10;

const escaped = (words: string) =>
  words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

import { about } from "./about.ts";
import type { Card } from "./designer.ts";

/** A card of the designer, drawn: the fields that are there at once, one below the other. */
export function cardPicture({ summary, shown, advanced, tokens }: Card): string {
  const rowHeight = 46;
  const top = 64;
  const height = top + shown.length * rowHeight + 62;
  const rows = shown.map((title, at) => {
    const y = top + at * rowHeight;
    return `<text x="20" y="${y + 12}" font-size="12" fill="#323130">${title.replace(" *", "")}${title.endsWith("*") ? '<tspan fill="#a4262c"> *</tspan>' : ""}</text>
  <rect x="20" y="${y + 18}" width="400" height="22" rx="3" fill="#fff" stroke="#8a8886"/>`;
  });
  const y = top + shown.length * rowHeight + 16;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="440" height="${height}" viewBox="0 0 440 ${height}" font-family="Segoe UI, Helvetica, Arial, sans-serif" role="img" aria-label="The card of ${summary}">
  <rect x="0.5" y="0.5" width="439" height="${height - 1}" rx="6" fill="#faf9f8" stroke="#c8c6c4"/>
  <path d="M0.5 44V6.5a6 6 0 0 1 6-6h427a6 6 0 0 1 6 6V44z" fill="${about.brandColor}"/>
  <text x="20" y="28" font-size="15" font-weight="600" fill="#fff">${summary}</text>
  <text x="420" y="28" font-size="12" fill="#fff" text-anchor="end">${about.title}</text>
  ${rows.join("\n  ")}
  <text x="20" y="${y}" font-size="12" fill="#605e5c">Advanced parameters: ${advanced.length}, all optional</text>
  <text x="20" y="${y + 20}" font-size="12" fill="#605e5c">Gives ${tokens.slice(tokens.indexOf("Image ID")).slice(0, 5).join(", ")} …</text>
</svg>
`;
}

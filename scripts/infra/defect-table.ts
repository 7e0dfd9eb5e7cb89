import { readFile } from "node:fs/promises";
import { format } from "oxfmt";
import type { Defect } from "./defects.ts";

export const decisionFile = new URL("../../docs/decisions/2026-11-30-bicep-compiler.md", import.meta.url);

const heading = "## Who catches what";

/** The decision with its table of defects made anew: the table is the end of it. */
export async function defectTable(defects: Defect[]): Promise<string> {
  const [before = ""] = (await readFile(decisionFile, "utf8")).split(heading);
  const rows = defects.map(({ area, what, caught }) => {
    const [by = "", name = ""] = caught.split(" ");
    return `| ${area} | ${what} | ${by} | \`${name}\` |`;
  });
  const table = ["| Area | Defect | Caught by | Which |", "| --- | --- | --- | --- |", ...rows];
  const text = `${before}${heading}\n\n${table.join("\n")}\n`;
  return (await format("decision.md", text, { printWidth: 110 })).code;
}

/** One line of the bench's table. */
export interface Row {
  what: string;
  /** The measurements behind the ratio, in words. */
  figures: string;
  ratio: number;
  /** How the ratio is written: `2` gives 1.09, `"%"` gives 34 %. */
  as?: "times" | "percent";
  /** The most the ratio may be, where a promise was made. */
  bound?: number;
}

/** A table that reads well in a terminal and as Markdown. */
export function renderTable(rows: readonly Row[]): string {
  const head = ["what", "figures (medians)", "ratio", "bound", ""];
  const cells = rows.map((row) => [
    row.what,
    row.figures,
    write(row, row.ratio),
    row.bound === undefined ? "" : write(row, row.bound),
    verdict(row),
  ]);
  return renderCells([head, ...cells]);
}

/** Lines of cells, the first of them the head. */
export function renderCells([head = [], ...lines]: readonly string[][]): string {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...lines].map((line) => line[column]?.length ?? 0)),
  );
  const line = (parts: string[]) =>
    `| ${parts.map((part, column) => part.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [line(head), rule, ...lines.map(line)].join("\n");
}

function write({ as = "times" }: Row, ratio: number): string {
  return as === "percent" ? `${Math.round(ratio * 100)} %` : `${ratio.toFixed(2)} ×`;
}

function verdict({ ratio, bound }: Row): string {
  if (bound === undefined) return "";
  return ratio <= bound ? "ok" : "missed";
}

import type { BatchLine } from "../domain/batch.ts";

const atOnce = 16;

/** Something for each line, in their order, so many at once. */
export async function lookAtLines<T>(
  lines: readonly BatchLine[],
  look: (line: BatchLine) => Promise<T>,
): Promise<T[]> {
  const found: T[] = [];
  for (let at = 0; at < lines.length; at += atOnce)
    found.push(...(await Promise.all(lines.slice(at, at + atOnce).map(look))));
  return found;
}

import { expect } from "vitest";
import { checkTree } from "../../scripts/infra/check/check.ts";
import { type Finding, showFinding } from "../../scripts/infra/check/finding.ts";
import { readFacts } from "../../scripts/infra/facts/read.ts";
import { readTree, type Tree } from "../../scripts/infra/tree.ts";

/** A rule, what is wrong, and the edit of a copy of our own files that makes it so: file, what stands there, what shall. */
export type Defect = [rule: string, what: string, file: string, from: string, to: string];

export const facts = await readFacts();
export const tree = await readTree();

export function damaged(file: string, from: string, to: string): Tree {
  const text = tree.get(file);
  if (text === undefined) throw new Error(`There is no ${file}.`);
  if (!text.includes(from))
    throw new Error(`${file} no longer holds ${from}: the defect must be sown elsewhere.`);
  return new Map(tree).set(
    file,
    text.replace(from, () => to),
  );
}

/** The defect is found, by its rule, and by no other. */
export async function expectCaught([rule, , file, from, to]: Defect): Promise<void> {
  const found: Finding[] = await checkTree(damaged(file, from, to), facts);
  expect([...new Set(found.map((finding) => finding.rule))], found.map(showFinding).join("\n")).toEqual([
    rule,
  ]);
}

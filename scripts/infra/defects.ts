import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import * as z from "zod";
import type { Tree } from "./tree.ts";

const defect = z.object({
  area: z.string(),
  what: z.string(),
  /** `build BCP036`, `lint no-unused-vars`, `snapshot refused` or `assertion shared-keys-off`. */
  caught: z.string().regex(/^(build BCP\d+|lint [\w-]+|snapshot refused|assertion [\w-]+)$/),
  file: z.string(),
  /** What stands there, and what shall. */
  from: z.string(),
  to: z.string(),
  /** Where the compiler speaks of it, if elsewhere. */
  at: z.string().optional(),
  /** It breaks what others are looked for in. */
  alone: z.boolean().default(false),
  /** Of another round than those that it would hide, or be hidden by. */
  round: z.int().default(1),
});

/** A mistake to be planted in our own files, and what notices it. */
export type Defect = z.infer<typeof defect>;

const fixtures = new URL("../../test/fixtures/infra/", import.meta.url);
export const recordFile = new URL("defects.record.json", fixtures);

export async function readDefects(): Promise<Defect[]> {
  return z.array(defect).parse(parse(await readFile(new URL("defects.yaml", fixtures), "utf8")));
}

/**
 * Stands for all that decides who notices the defects that the compiler is given: the templates with what they load, the
 * defects, and the compiler. Rules are asked of the record itself.
 */
export function digestOf(tree: Tree, defects: Defect[], compilerVersion: string): string {
  const texts = [...tree].filter(([path]) => isForCompiler(path));
  return createHash("sha256")
    .update(JSON.stringify([texts, defects, compilerVersion]))
    .digest("hex");
}

/** The first defect of each way to be caught; of those that an assertion catches, one that isn't seen in texts alone. */
export function sampleOf(defects: Defect[], predicted: ReadonlySet<string>): Defect[] {
  const ways = new Map<string, Defect>();
  for (const each of defects.filter(isCompiled)) {
    const [way = ""] = each.caught.split(" ");
    if (!ways.has(way) && (!byAssertion(each) || predicted.has(each.what))) ways.set(way, each);
  }
  return [...ways.values()];
}

interface Edit {
  defect: Defect;
  start: number;
  end: number;
}

function editOf(tree: Tree, each: Defect): Edit {
  const start = (tree.get(each.file) ?? "").indexOf(each.from);
  if (start < 0)
    throw new Error(`${each.file} no longer holds ${each.from}: plant "${each.what}" elsewhere.`);
  return { defect: each, start, end: start + each.from.length };
}

/** A tree with these defects in it, and on which lines each of them stands. */
export function plant(tree: Tree, defects: Defect[]): { tree: Tree; lines: Map<Defect, [number, number]> } {
  const planted = new Map(tree);
  const lines = new Map<Defect, [number, number]>();
  for (const file of new Set(defects.map((each) => each.file))) {
    let text = "";
    let from = 0;
    const source = tree.get(file) ?? "";
    const edits = defects.filter((each) => each.file === file).map((each) => editOf(tree, each));
    for (const { defect: each, start, end } of edits.toSorted((one, other) => one.start - other.start)) {
      text += source.slice(from, start);
      const first = text.split("\n").length;
      text += each.to;
      lines.set(each, [first, text.split("\n").length]);
      from = end;
    }
    planted.set(file, text + source.slice(from));
  }
  return { tree: planted, lines };
}

/**
 * As few rounds as hold all defects, so that the compiler is asked seldom: in one round no two defects overlap, or are
 * noticed by the same rule.
 */
export function roundsOf(tree: Tree, defects: Defect[]): Defect[][] {
  const rounds: Defect[][] = [];
  for (const each of defects) {
    const fits = (round: Defect[]) => !each.alone && round.every((other) => canShare(tree, each, other));
    const round = rounds.find(fits);
    if (round) round.push(each);
    else rounds.push([each]);
  }
  return rounds;
}

function canShare(tree: Tree, one: Defect, other: Defect): boolean {
  if (other.alone || one.round !== other.round || isOfConnector(one) !== isOfConnector(other)) return false;
  if (one.caught === other.caught && byAssertion(one)) return false;
  if (one.file !== other.file) return true;
  const [here, there] = [editOf(tree, one), editOf(tree, other)];
  return here.end < there.start || there.end < here.start;
}

/** What builds, and can't be deployed with the values that it is given. */
export const bySnapshot = ({ caught }: Defect) => caught === "snapshot refused";
export const byAssertion = ({ caught }: Defect) => caught.startsWith("assertion ");
/** Files that only the compiler makes a deployment of. */
export const isCompiled = ({ file }: Defect) =>
  file.endsWith(".bicep") || file === "infra/main.parameters.json";
export const isForCompiler = (path: string) => /^(infra|connector)\//.test(path);
export const isOfConnector = ({ file }: Defect) => file.startsWith("infra/connector/");

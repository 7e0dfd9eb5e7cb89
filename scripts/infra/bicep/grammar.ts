import { createRequire } from "node:module";
import { Language, type Node, Parser } from "web-tree-sitter";
import type { Finding } from "../check/finding.ts";
import { parseBicep } from "./parse.ts";
import type { BicepFile } from "./syntax.ts";
import { SyntaxFault } from "./tokens.ts";

const require = createRequire(import.meta.url);
let parser: Promise<Parser> | undefined;
const judged = new Map<string, number[]>();
const parsed = new Map<string, BicepFile | SyntaxFault>();

async function startParser(): Promise<Parser> {
  await Parser.init();
  const language = await Language.load(require.resolve("tree-sitter-bicep/tree-sitter-bicep.wasm"));
  return new Parser().setLanguage(language);
}

/** What the tree-sitter grammar can't read. It is a witness of its own: it shares no line with our parser. */
export async function checkGrammar(path: string, source: string): Promise<Finding[]> {
  const key = `${path}\n${source}`;
  const lines = judged.get(key) ?? faultyLines(await (parser ??= startParser()), source);
  judged.set(key, lines);
  return lines.map((line) => ({
    rule: "grammar",
    file: path,
    line,
    message: "The grammar of Bicep reads no statement here.",
  }));
}

function faultyLines(reader: Parser, source: string): number[] {
  const tree = reader.parse(source);
  if (!tree) throw new Error("The grammar gave up.");
  const lines = faultyNodes(tree.rootNode).slice(0, 1).map(lineOf);
  tree.delete();
  return lines;
}

function faultyNodes(node: Node): Node[] {
  if (node.isError || node.isMissing) return [node];
  return node.children.flatMap((child) => (child.hasError || child.isMissing ? faultyNodes(child) : []));
}

function lineOf(node: Node): number {
  return node.startPosition.row + 1;
}

/** The model of a file, or what our own parser has against it. A text is read once, however many checks ask. */
export function modelOf(path: string, source: string): BicepFile | SyntaxFault {
  const key = `${path}\n${source}`;
  const known = parsed.get(key);
  if (known) return known;
  let model: BicepFile | SyntaxFault;
  try {
    model = parseBicep(path, source);
  } catch (fault) {
    if (!(fault instanceof SyntaxFault)) throw fault;
    model = fault;
  }
  parsed.set(key, model);
  return model;
}

import { checkGrammar, modelOf } from "../bicep/grammar.ts";
import { SyntaxFault } from "../bicep/tokens.ts";
import { beside } from "../evaluate/world.ts";
import type { Facts } from "../facts/types.ts";
import { everythingOn, fourShapes, resolveShape, type Shape } from "../shapes.ts";
import { bicepPaths, templateIn, type Tree } from "../tree.ts";
import { checkLocalCall, checkPublishedCall, checkResource } from "./calls.ts";
import { type Finding, unique } from "./finding.ts";
import { policyRules } from "./policy/rules.ts";

/** Everything that is wrong with the templates and what stands around them. */
export async function checkTree(tree: Tree, facts: Facts): Promise<Finding[]> {
  const unreadable = await checkSyntax(tree);
  // What a file that can't be read would deploy is anyone's guess.
  if (unreadable.length > 0) return unreadable;
  const shapes = Object.entries({ ...fourShapes, ...everythingOn }).map(([name, given]) =>
    resolveShape(tree, facts, name, given),
  );
  // Nor is it worth a word what rules think of a deployment that doesn't come about.
  const faults = unique(shapes.flatMap((shape) => shape.faults));
  if (faults.length > 0) return faults;
  const files = bicepPaths(tree).flatMap((path) => templateIn(tree, path) ?? []);
  return unique([
    ...shapes.flatMap((shape) => checkShape(tree, facts, shape)),
    ...policyRules.flatMap((rule) =>
      rule.check({ tree, files, shapes }).map((found) => ({ rule: `policy:${rule.name}`, ...found })),
    ),
  ]);
}

async function checkSyntax(tree: Tree): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const path of bicepPaths(tree)) {
    const source = tree.get(path) ?? "";
    const model = modelOf(path, source);
    if (model instanceof SyntaxFault)
      found.push({ rule: "syntax", file: path, line: model.line, message: model.message });
    else found.push(...(await checkGrammar(path, source)));
  }
  return found;
}

function checkShape(tree: Tree, facts: Facts, { deployed, calls }: Shape): Finding[] {
  const fileOf = (from: string, relative: string) => templateIn(tree, beside(from, relative));
  return [
    ...calls.flatMap((call) => checkLocalCall(call, fileOf)),
    ...deployed.flatMap((each) =>
      each.kind === "module" ? checkPublishedCall(each, facts) : checkResource(each, facts),
    ),
  ];
}

import { expect, it } from "vitest";
import type { Finding } from "../../scripts/connector/check/finding.ts";
import type { JsonObject } from "../../scripts/connector/json.ts";
import { committed } from "./connector-package.ts";

/** A tree that may be damaged anywhere. What is missing shows at once: a path that leads nowhere throws. */
export interface Tree {
  [key: string]: Tree;
}
export type Defect = (tree: Tree) => unknown;

export function damaged(document: JsonObject, defect: Defect): JsonObject {
  const copy = structuredClone(document);
  defect(copy as unknown as Tree);
  expect(copy).not.toEqual(document);
  return copy;
}

/** The rule that catches it, what it is, and how it is sown. Real connectors have such defects. */
export type NegativeFixture = readonly [rule: string, what: string, defect: Defect];
type Check = (document: JsonObject) => Finding[] | Promise<Finding[]>;

/** Each defect, sown alone in a document that is clean without it, is found by the rule `prefix:rule`. */
export function catches(
  prefix: string,
  check: Check,
  defects: readonly NegativeFixture[],
  document = committed("apiDefinition.swagger.json"),
): void {
  it.each(defects)("%s: %s", async (rule, _, defect) => {
    await expectCaught(prefix === "" ? rule : `${prefix}:${rule}`, check(damaged(document, defect)));
  });
}

export async function expectCaught(rule: string, findings: Finding[] | Promise<Finding[]>): Promise<void> {
  expect((await findings).map((finding) => finding.rule)).toContain(rule);
}

export const at = (tree: Tree, path: string, method: string): Tree => tree["paths"]![path]![method] as Tree;
export const generate = (tree: Tree) => at(tree, "/images/generations", "post");
export const jobs = (tree: Tree) => at(tree, "/jobs", "get");
export const job = (tree: Tree) => at(tree, "/jobs/{jobId}", "get");
export const trigger = (tree: Tree) => at(tree, "/triggers/images", "get");
export const hook = (tree: Tree) => at(tree, "/hooks/images", "post");
export const exit = (tree: Tree) => at(tree, "/hooks/images/{hookId}", "delete");
export const named = (tree: Tree, name: string) => tree["definitions"]![name] as Tree;
export const field = (tree: Tree, name: string, property: string) =>
  named(tree, name)["properties"]![property] as Tree;
export const put = (tree: Tree | undefined, values: object) => Object.assign(tree!, values);
export const drop = (tree: Tree | undefined, key: string) => Reflect.deleteProperty(tree!, key);
export const firstParameter = (operation: Tree) => operation["parameters"]!["0"] as Tree;
export const listIn = (tree: Tree | undefined, key: string) => tree![key] as unknown as unknown[];
/** The same part under another key. */
export function move(tree: Tree | undefined, from: string, to: string): void {
  tree![to] = tree![from]!;
  drop(tree, from);
}

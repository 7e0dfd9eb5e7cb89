import { it } from "vitest";
import type { SampleName } from "../../scripts/connector/flows/samples.ts";
import { damaged, type Defect, expectCaught, put, type Tree } from "./connector-defects.ts";
import { findingsIn, sample } from "./workflows.ts";

/** Ways into a workflow that is to be damaged, and the places that defects are sown at. */

export const action = (tree: Tree, ...names: string[]): Tree =>
  names.reduce<Tree>((at, name) => at["actions"]![name]!, tree);
export const inputs = (tree: Tree, ...names: string[]) => action(tree, ...names)["inputs"]!;
export const trigger = (tree: Tree) => Object.values(tree["triggers"]!)[0]!;
export const set = (tree: Tree, key: string, value: unknown) => put(tree, { [key]: value });

export const makes = "Generate_a_picture";
export const waits = ["For_each_prompt", "Generate_and_wait"] as const;
export const looks = ["For_each_prompt", "Is_there_a_picture"] as const;

type NegativeFixture = [rule: string, words: string, name: SampleName, defect: Defect];

/** Each defect, sown alone in a sample that is clean without it, is found by its rule. */
export function catchesInSamples(defects: readonly NegativeFixture[]): void {
  it.each(defects)("%s: %s", async (rule, _, name, defect) => {
    await expectCaught(rule, findingsIn(damaged(sample(name), defect)));
  });
}

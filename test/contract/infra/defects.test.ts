import { readFile } from "node:fs/promises";
import { applyPatch } from "rfc6902";
import { describe, expect, it } from "vitest";
import { defectTable, decisionFile } from "../../../scripts/infra/defect-table.ts";
import { byAssertion, type Defect, isCompiled, plant } from "../../../scripts/infra/defects.ts";
import type { Deployment } from "../../../scripts/infra/deployments.ts";
import { byId, type Round } from "../../../scripts/infra/plant.ts";
import { checkPolicy, policyRules } from "../../../scripts/infra/policy/rules.ts";
import { defects, deployments, recorded, rounds, tree } from "../../support/infra.ts";

/**
 * Mistakes planted in our own files: each is noticed by the rule that is there for it, and by no other. What takes the
 * compiler is planted here as it recorded it (npm run infra -- defects), and by itself in compiler.test.ts.
 */

const inTexts = defects.filter((each) => byAssertion(each) && !recorded.has(each.what));

function damaged(deployment: Deployment, { patches }: Round): Deployment {
  const patch = patches[deployment.name];
  if (!patch) return deployment;
  const plain = structuredClone(byId(deployment));
  expect(applyPatch(plain, patch).filter((error) => error !== null)).toEqual([]);
  return { ...deployment, predictedResources: Object.values(plain.resources), outputs: plain.outputs };
}

describe("a defect in a text", () => {
  it.each<Defect>(inTexts)("is noticed: $what", (defect) => {
    const found = checkPolicy({ deployments, tree: plant(tree, [defect]).tree });
    expect([...found.keys()].map((name) => `assertion ${name}`)).toEqual([defect.caught]);
  });
});

describe("defects that the compiler was given", () => {
  it.each(rounds)("are noticed by their rules and no others: $defects.0 …", (round) => {
    const planted = defects.filter(({ what }) => round.defects.includes(what));
    const found = checkPolicy({
      deployments: deployments.map((each) => damaged(each, round)),
      tree: plant(tree, planted).tree,
    });
    expect([...found.keys()].toSorted()).toEqual(round.rules);
    expect(new Set(planted.map(({ caught }) => caught.replace("assertion ", "")))).toEqual(
      new Set(round.rules),
    );
  });
});

describe("the defects", () => {
  it("are planted for every rule", () => {
    const caught = new Set(defects.map((each) => each.caught));
    expect(policyRules.map(({ name }) => `assertion ${name}`).filter((rule) => !caught.has(rule))).toEqual(
      [],
    );
  });

  it("have each a name of their own, and none is left out of the record", () => {
    expect(new Set(defects.map(({ what }) => what)).size).toBe(defects.length);
    const names = new Set(defects.map(({ what }) => what));
    expect([...recorded].filter((what) => !names.has(what))).toEqual([]);
    expect(inTexts.filter((each) => isCompiled(each) && checkPolicyAlone(each).length === 0)).toEqual([]);
  });

  it("are told in the decision, each with who catches it", async () => {
    expect(await defectTable(defects)).toBe(await readFile(decisionFile, "utf8"));
  });
});

const checkPolicyAlone = (each: Defect) => [
  ...checkPolicy({ deployments, tree: plant(tree, [each]).tree }).keys(),
];

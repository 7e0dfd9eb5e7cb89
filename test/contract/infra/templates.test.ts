import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { checkTree } from "../../../scripts/infra/check/check.ts";
import { showFinding } from "../../../scripts/infra/check/finding.ts";
import { policyRules } from "../../../scripts/infra/check/policy/rules.ts";
import { fourShapes, resolveShape } from "../../../scripts/infra/shapes.ts";
import { snapshotFolder, snapshotName, snapshotOf } from "../../../scripts/infra/snapshot.ts";
import { bicepPaths } from "../../../scripts/infra/tree.ts";
import { facts, tree } from "../../support/infra-defects.ts";

describe("our templates", () => {
  it("are there to be checked", () => {
    expect(bicepPaths(tree).length).toBeGreaterThanOrEqual(14);
  });

  it("hold against grammar, calls, types and rules", async () => {
    const findings = await checkTree(tree, facts);
    expect(findings.map(showFinding)).toEqual([]);
  });
});

describe.each(Object.entries(fourShapes))("the shape %s", (name, given) => {
  const shape = resolveShape(tree, facts, name, given);

  it("deploys what its snapshot says (npm run infra -- --snapshots writes it anew)", async () => {
    const committed = await readFile(new URL(snapshotName(shape), snapshotFolder), "utf8");
    expect(snapshotOf(shape)).toBe(committed);
  });

  it("leaves nothing unresolved", () => {
    expect(shape.faults).toEqual([]);
    expect(snapshotOf(shape)).not.toMatch(/undefined|\[object|… :/);
  });
});

describe("the policy rules", () => {
  it("have each a name of their own, a reason and a source", () => {
    const names = policyRules.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(policyRules.filter(({ why, source }) => why.length < 20 || source.length < 8)).toEqual([]);
  });
});

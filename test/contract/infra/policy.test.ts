import { describe, expect, it } from "vitest";
import { about } from "../../../scripts/connector/about.ts";
import { made } from "../../../scripts/infra/policy/rule.ts";
import { checkPolicy, policyRules } from "../../../scripts/infra/policy/rules.ts";
import { deployments, tree } from "../../support/infra.ts";

describe("what the templates deploy", () => {
  it("holds against every rule", () => {
    expect(checkPolicy({ deployments, tree })).toEqual(new Map());
  });

  it.each(deployments)("is predicted without a word from the compiler: $name", ({ diagnostics }) => {
    expect(diagnostics).toEqual([]);
  });
});

describe("the template of the connector", () => {
  const [alone] = deployments.filter(({ name }) => name === "connector-key");

  it("asks for little: the address of Darkroom, and nothing else", () => {
    const text = tree.get("infra/connector/main.bicep") ?? "";
    const required = [...text.matchAll(/^param (\w+) \w+$/gm)].map(([, name]) => name);
    expect(required).toEqual(["serviceUrl"]);
  });

  it("tells what workflows need: the connector, the connection, its name", () => {
    expect(new Set(Object.keys(alone?.outputs ?? {}))).toEqual(
      new Set(["apiId", "connectionId", "connectionName"]),
    );
  });

  it("has the brand's colour", () => {
    const found = deployments.flatMap((each) => made(each, "Microsoft.Web/customApis"));
    expect(found).toHaveLength(3);
    for (const { properties } of found) expect(properties).toMatchObject({ brandColor: about.brandColor });
  });
});

describe("the policy rules", () => {
  it("have each a name of their own, a reason and a source", () => {
    const names = policyRules.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(policyRules.filter(({ why, source }) => why.length < 20 || source.length < 8)).toEqual([]);
  });
});

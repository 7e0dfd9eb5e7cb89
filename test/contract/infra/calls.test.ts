import { describe, expect, it } from "vitest";
import { checkTree } from "../../../scripts/infra/check/check.ts";
import { sampleFacts, sampleTree } from "../../support/infra-samples.ts";

const group = `resource group 'Microsoft.Resources/resourceGroups@2024-11-01' existing = { name: 'rg' }\n`;
const own = `@allowed(['a', 'b'])
param kind string
param count int = 1
param more { name: string, size: int? }[] = []
`;

async function rulesOf(inner: string): Promise<string[]> {
  const tree = sampleTree(`${group}module inner 'inner.bicep' = { scope: group }`, {
    "infra/inner.bicep": inner,
    "infra/own.bicep": own,
  });
  const found = await checkTree(tree, sampleFacts);
  return found
    .filter(({ file, rule }) => file === "infra/inner.bicep" && !rule.startsWith("policy:"))
    .map(({ rule, line }) => `${rule} ${line}`);
}

const call = (source: string, params: string) => `module m '${source}' = {\n  params: {\n${params}\n  }\n}\n`;
const thing = "br/public:avm/res/x/thing:1.0.0";

describe("a call of our own module", () => {
  it.each([
    ["fits", "    kind: 'a'\n    more: [{ name: 'x' }]", []],
    ["lacks what is required", "    count: 2", ["call:required 1"]],
    ["gives what isn't known", "    kind: 'a'\n    knd: 'b'", ["call:unknown-property 4"]],
    ["gives another type", "    kind: 'a'\n    count: '2'", ["call:type 4"]],
    ["gives what isn't allowed", "    kind: 'c'", ["call:allowed 3"]],
    ["gives objects that lack a field", "    kind: 'a'\n    more: [{ size: 1 }]", ["call:required 4"]],
  ])("that %s", async (_, params, rules) => {
    expect(await rulesOf(call("own.bicep", params))).toEqual(rules);
  });
});

describe("a call of a published module", () => {
  it.each([
    [
      "fits",
      "    name: 'x'\n    parts: [{ name: 'p', kind: 'b' }]\n    shape: { type: 'round', radius: 1 }",
      [],
    ],
    ["lacks what is required", "    size: 'S'", ["module:required 1"]],
    ["misspells", "    name: 'x'\n    sizes: 'S'", ["module:unknown-property 4"]],
    ["gives what isn't allowed", "    name: 'x'\n    size: 'XL'", ["module:allowed 4"]],
    [
      "misspells two levels down",
      "    name: 'x'\n    parts: [\n      { name: 'p', knd: 'b' }\n    ]",
      ["module:unknown-property 5"],
    ],
    [
      "gives what isn't allowed three levels down",
      "    name: 'x'\n    parts: [\n      { name: 'p', kind: 'c' }\n    ]",
      ["module:allowed 5"],
    ],
    ["chooses a case that there is not", "    name: 'x'\n    shape: { type: 'flat' }", ["module:allowed 4"]],
  ])("that %s", async (_, params, rules) => {
    expect(await rulesOf(call(thing, params))).toEqual(rules);
  });

  it("of a version that nothing is known of", async () => {
    expect(await rulesOf(call("br/public:avm/res/x/thing:9.9.9", "    name: 'x'"))).toEqual(["facts 1"]);
  });
});

describe("a resource of its own", () => {
  const resource = (type: string, body: string) => `resource r '${type}' = {\n  name: 'x'\n${body}\n}\n`;
  const known = "Microsoft.X/things@2025-01-01";
  it.each([
    ["that fits", resource(known, "  properties: { tier: 'Two' }"), []],
    ["of a version that there is not", resource("Microsoft.X/things@2030-01-01", ""), ["facts 1"]],
    [
      "with a property that isn't known",
      resource(known, "  properties: { teir: 'Two' }"),
      ["type:unknown-property 3"],
    ],
    [
      "with a value that isn't allowed",
      resource(known, "  properties: { tier: 'Three' }"),
      ["type:allowed 3"],
    ],
  ])("%s", async (_, source, rules) => {
    expect(await rulesOf(source)).toEqual(rules);
  });
});

import { describe, expect, it } from "vitest";
import { checkGrammar } from "../../../scripts/infra/bicep/grammar.ts";
import { parseBicep } from "../../../scripts/infra/bicep/parse.ts";
import { type Expression, within } from "../../../scripts/infra/bicep/syntax.ts";
import { SyntaxFault } from "../../../scripts/infra/bicep/tokens.ts";

const valueOf = (source: string): Expression =>
  parseBicep("sample.bicep", `var it = ${source}`).variables[0]!.value;

function faultOf(source: string): SyntaxFault {
  try {
    parseBicep("sample.bicep", source);
  } catch (fault) {
    if (fault instanceof SyntaxFault) return fault;
  }
  throw new Error("It was read without a word.");
}

describe("the parser of templates", () => {
  it("binds a lambda's body as far as it goes", () => {
    const call = valueOf("filter(models, model => model.region == 'x' && true)");
    expect(call).toMatchObject({
      kind: "call",
      arguments: [{}, { kind: "lambda", body: { operator: "&&" } }],
    });
  });

  it("binds operators by their rank, and to the left", () => {
    expect(valueOf("1 - 2 - 3 * 4")).toMatchObject({
      operator: "-",
      left: { operator: "-", right: { value: 2 } },
      right: { operator: "*" },
    });
    expect(valueOf("a ?? b || c && d")).toMatchObject({
      operator: "??",
      right: { operator: "||", right: { operator: "&&" } },
    });
  });

  it("reads what stands within a string, strings within it, and escapes", () => {
    expect(valueOf("'a${b ? 'c ${d}' : '}'} \\'e\\u{41}'")).toMatchObject({
      kind: "text",
      parts: ["a", { kind: "choice", then: { kind: "text", parts: ["c ", { name: "d" }] } }, " 'eA"],
    });
    expect(valueOf("'''\nraw ${this}\n'''")).toMatchObject({ value: "raw ${this}\n" });
  });

  it("tells a property that may be missing from one that must be there", () => {
    const safe = [...within(valueOf("a.?b[?0]!.c"))].filter((each) => "safe" in each && each.safe);
    expect(safe).toHaveLength(2);
  });

  it("reads conditions, loops, children, decorators and types", () => {
    const file = parseBicep(
      "sample.bicep",
      `targetScope = 'subscription'
@allowed(['a', 'b'])
param access 'a' | 'b' = 'a'
type model = { name: string, size: int?, *: string }
resource group 'Microsoft.Resources/resourceGroups@2024-11-01' existing = if (access == 'a') {
  name: 'x'
  resource child 'inner' = { name: 'y' }
}
module many './many.bicep' = [
  for (item, index) in items: if (index > 0) {
    params: { item: item }
  }
]
output first string[] = [for each in many: each.outputs.name]
`,
    );
    expect(file.parameters[0]).toMatchObject({
      line: 3,
      decorators: [{ name: "allowed" }],
      type: { kind: "union" },
    });
    expect(file.types[0]?.type).toMatchObject({ properties: [{}, { type: { kind: "nullable" } }], rest: {} });
    expect(file.resources[0]).toMatchObject({ existing: true, children: [{ type: "inner" }] });
    expect(file.modules[0]?.body).toMatchObject({ kind: "loop", position: "index", body: { kind: "if" } });
  });

  it.each([
    ["a string that isn't closed", "var a = 'b\n", 1],
    ["a brace that isn't closed", "var a = {\n  b: 1\n", 3],
    ["two properties on a line with nothing between", "var a = {\n  b: 1 c: 2\n}", 2],
    ["a statement of no kind", "var a = 1\nvariable b = 2", 2],
    ["an operator at the start of a line", "var a = b\n  && c", 2],
    ["an escape that there is not", "var a = '\\q'", 1],
  ])("names the line of %s", (_, source, line) => {
    expect(faultOf(source)).toMatchObject({ line });
  });
});

describe("the grammar, as a second witness", () => {
  it("names the line of what it can't read", async () => {
    const found = await checkGrammar("sample.bicep", "param a string\nresource b 'c@d' = {\n");
    expect(found).toMatchObject([{ rule: "grammar", file: "sample.bicep" }]);
  });

  it("is content with a template that can be read", async () => {
    expect(await checkGrammar("sample.bicep", "param a string\noutput b string = '${a}!'\n")).toEqual([]);
  });
});

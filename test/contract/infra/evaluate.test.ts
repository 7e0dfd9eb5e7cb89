import { describe, expect, it } from "vitest";
import { resolved, valueOf } from "../../support/infra-samples.ts";

const group = `resource group 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: 'rg'
  location: 'here'
}
`;

describe("expressions", () => {
  it.each([
    ["'a${1 + 2 * 3}b${true}'", "a7bTrue"],
    ["concat(['a'], ['b'])", ["a", "b"]],
    ["union({ a: { b: 1 }, c: 1 }, { a: { d: 2 } })", { a: { b: 1, d: 2 }, c: 1 }],
    ["union(['a', 'b'], ['b', 'c'])", ["a", "b", "c"]],
    ["[for (x, i) in ['a', 'b']: '${i}${x}']", ["0a", "1b"]],
    ["[for x in range(0, 4): x]", [0, 1, 2, 3]],
    ["map(filter([1, 2, 3], n => n > 1), n => n * 10)", [20, 30]],
    ["toObject(['a', 'b'], x => x, x => '${x}!')", { a: "a!", b: "b!" }],
    ["reduce([1, 2, 3], 0, (sum, n) => sum + n)", 6],
    ["empty('') && empty([]) && empty({}) && !empty('x')", true],
    ["contains(['a'], 'a') && contains({ a: 1 }, 'a') && contains('abc', 'b')", true],
    ["format('{0}-{1}', 'a', 2)", "a-2"],
    ["toLower('AB') == 'ab' ? first(['x', 'y']) : last(['x', 'y'])", "x"],
    ["{ a: { b: 1 } }.?a.?b ?? 2", 1],
    ["{ a: 1 }.?c ?? 'none'", "none"],
    ["[{ a: 1 }][0].a", 1],
    ["split('a,b', ',')", ["a", "b"]],
    ["split('a.b,c', ['.', ','])", ["a", "b", "c"]],
    [
      "items({ b: 2, a: 1 })",
      [
        { key: "a", value: 1 },
        { key: "b", value: 2 },
      ],
    ],
    ["{ ...{ a: 1 }, b: 2 }", { a: 1, b: 2 }],
    [
      "subscriptionResourceId('Microsoft.A/bs', 'c')",
      expect.stringMatching(/^\/subscriptions\/[0-9-]+\/providers\/Microsoft.A\/bs\/c$/),
    ],
    ["'https://x.blob.${environment().suffixes.storage}'", "https://x.blob.core.windows.net"],
    ["length(uniqueString('a', 'b'))", 13],
    ["uniqueString('a') == uniqueString('a') && uniqueString('a') != uniqueString('b')", true],
  ])("%s", (expression, value) => {
    expect(valueOf(expression)).toEqual(value);
  });

  it("tell nothing from what isn't known yet", () => {
    expect(valueOf("given ?? 'usual'", "param given string?\nvar none = null")).toBe("usual");
    expect(valueOf("none ?? 'usual'", "var none = null")).toBe("usual");
  });

  it("read files beside the template", () => {
    const others = { "infra/data/list.json": '{"a": [1]}', "infra/data/note.txt": "hello" };
    expect(valueOf("loadJsonContent('data/list.json').a[0]", "", others)).toBe(1);
    expect(valueOf("loadTextContent('data/note.txt')", "", others)).toBe("hello");
  });

  it.each([
    ["a name that there is not", "nobody", 'There is no "nobody" here.'],
    ["a function that isn't known", "frobnicate(1)", 'The checks know no function "frobnicate".'],
    ["a property that there is not", "{ a: 1 }.b", 'There is no property "b" here.'],
    ["a place behind the end of a list", "[1][1]", "The list has no item 1."],
    ["a file that there is not", "loadJsonContent('gone.json')", "There is no file gone.json."],
    [
      "a file outside the repository",
      "loadTextContent('../../infra/main.bicep')",
      "There is no file ../../infra/main.bicep.",
    ],
  ])("name %s, and its line", (_, expression, message) => {
    const { faults } = resolved(`var a = 1\noutput it object = ${expression}\n`);
    expect(faults).toMatchObject([{ file: "infra/main.bicep", line: 3, message }]);
  });

  it("refuse what needs itself", () => {
    const { faults } = resolved("var a = b\nvar b = a\noutput it string = a\n");
    expect(faults.map(({ message }) => message)).toContain('"a" needs itself.');
  });
});

describe("a deployment", () => {
  it("carries parameters into modules and their outputs out again", () => {
    const shape = resolved(
      `${group}param name string = 'n'
module inner 'inner.bicep' = { scope: group, params: { name: '\${name}1' } }
output it string = inner.outputs.twice`,
      { "infra/inner.bicep": "param name string\noutput twice string = '${name}${name}'" },
    );
    expect(shape).toMatchObject({ faults: [], outputs: { it: "n1n1" } });
  });

  it("makes what a condition lets, once for every round of a loop", () => {
    const { deployed } = resolved(`${group}param names array = ['a', 'b', 'c']
module things 'br/public:avm/res/x/thing:1.0.0' = [for (name, at) in names: if (at != 1) { scope: group, params: { name: name } }]`);
    expect(deployed.map(({ name }) => name)).toEqual(["rg", "a", "c"]);
  });

  it("gives resources the ids that Azure gives them", () => {
    const inner = `resource a 'Microsoft.X/as@1' existing = { name: 'one' }
resource b 'Microsoft.X/as/bs@1' = { parent: a, name: 'two' }
resource c 'Microsoft.Authorization/roleAssignments@1' = { scope: b, name: 'three' }
output it string = c.id`;
    const shape = resolved(
      `${group}module inner 'inner.bicep' = { scope: group }\noutput it string = inner.outputs.it`,
      {
        "infra/inner.bicep": inner,
      },
    );
    const two = "/resourceGroups/rg/providers/Microsoft.X/as/one/bs/two";
    expect(shape.outputs["it"]).toMatch(
      new RegExp(`${two}/providers/Microsoft.Authorization/roleAssignments/three$`),
    );
  });

  it("finds a resource in another group than its template's", () => {
    const { outputs, deployed } = resolved(
      `${group}module inner 'inner.bicep' = { scope: group }\noutput it string = inner.outputs.it`,
      {
        "infra/inner.bicep": `resource a 'Microsoft.X/as@1' existing = { scope: resourceGroup('other'), name: 'one' }
output it string = a.id`,
      },
    );
    expect(outputs["it"]).toMatch(/\/resourceGroups\/other\/providers\/Microsoft.X\/as\/one$/);
    expect(deployed.at(-1)?.scope).toMatch(/\/resourceGroups\/other$/);
  });

  it("shows what only Azure knows by where it comes from", () => {
    const { outputs } =
      resolved(`${group}module t 'br/public:avm/res/x/thing:1.0.0' = { scope: group, params: { name: 'n' } }
output it string = 'id=\${t.outputs.resourceId} of \${t.outputs.name}'`);
    expect(outputs["it"]).toBe("id={t.outputs.resourceId} of n");
  });

  it.each([
    ["an output that a published module hasn't", "t.outputs.nothing", 'There is no output "nothing".'],
    ["an output that our own module hasn't", "own.outputs.nothing", 'There is no output "nothing".'],
    [
      "something of what isn't deployed",
      "off.outputs.name",
      '"outputs" is asked of what isn\'t deployed in this shape.',
    ],
  ])("finds %s", (_, expression, message) => {
    const { faults } = resolved(
      `${group}module t 'br/public:avm/res/x/thing:1.0.0' = { scope: group, params: { name: 'n' } }
module off 'br/public:avm/res/x/thing:1.0.0' = if (false) { scope: group, params: { name: 'n' } }
module own 'own.bicep' = { scope: group }
output it string = ${expression}`,
      { "infra/own.bicep": "output name string = 'x'" },
    );
    expect(faults).toMatchObject([{ line: 9, message }]);
  });

  it("finds a module that is deployed to another kind of scope", () => {
    const { faults } = resolved("module own 'own.bicep' = { name: 'x' }", { "infra/own.bicep": "var a = 1" });
    expect(faults).toMatchObject([{ rule: "scope" }]);
  });
});

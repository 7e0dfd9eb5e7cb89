import { strFromU8, unzipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { nowhere } from "../../../scripts/connector/about.ts";
import { packagedFiles } from "../../../scripts/connector/files.ts";
import { sampleNames } from "../../../scripts/connector/flows/samples.ts";
import { type JsonObject, objectAt } from "../../../scripts/connector/json.ts";
import { committedIcon, committedText } from "../../support/connector-package.ts";

const files = await packagedFiles(nowhere, committedIcon());
type Parts = Record<string, Uint8Array>;
const unzipped = (zip: string | Uint8Array | undefined): Parts => unzipSync(zip as Uint8Array);
const textOf = (parts: Parts, name: string) => strFromU8(parts[name] ?? new Uint8Array());
const jsonOf = (text: unknown) => JSON.parse(text as string) as JsonObject;
const foldersOf = (parts: Parts) => [
  ...new Set(Object.keys(parts).flatMap((name) => (name.includes("/") ? [name.split("/")[0]] : []))),
];
const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, found]) => found ?? "");

/** The rules of ConnectorPackageValidator.ps1 (microsoft/PowerPlatformConnectors), level by level. */
describe("the package for certification", () => {
  const outer = unzipped(files["certification.zip"]);
  const inner = unzipped(outer["package.zip"]);
  const solutions = Object.values(inner).map((zip) => unzipped(zip));

  it("is an introduction and one package, with one folder of two solutions", () => {
    expect(Object.keys(outer)).toEqual(["intro.md", "package.zip"]);
    expect(textOf(outer, "intro.md")).toBe(committedText("intro.md"));
    expect([foldersOf(inner), Object.keys(inner)]).toEqual([
      ["PkgAssets"],
      ["PkgAssets/DarkroomConnector.zip", "PkgAssets/DarkroomFlows.zip"],
    ]);
  });

  it("has one solution of the connector alone, and one of flows with it", () => {
    for (const solution of solutions)
      expect(Object.keys(solution)).toEqual(
        expect.arrayContaining(["[Content_Types].xml", "customizations.xml", "solution.xml"]),
      );
    const nodes = solutions.map((solution) =>
      ["Connector", "Workflows"].filter((node) =>
        textOf(solution, "customizations.xml").includes(`<${node}>`),
      ),
    );
    expect(nodes).toEqual([["Connector"], ["Connector", "Workflows"]]);
    expect(solutions.map(foldersOf)).toEqual([
      ["Connector"],
      ["Connector", "Workflows", "environmentvariabledefinitions"],
    ]);
  });
});

describe("a solution", () => {
  it("has every file, flow, connection and variable that it names, and no other", () => {
    const solution = unzipped(files["DarkroomFlows.zip"]);
    const customizations = textOf(solution, "customizations.xml");
    const named = all(customizations, />\/((?:Connector|Workflows)\/[^<]+)</g);
    const there = Object.keys(solution).filter((name) => /^(Connector|Workflows)\//.test(name));
    expect(named.sort()).toEqual(there.sort());

    const flows = there.filter((name) => name.startsWith("Workflows/")).map((name) => textOf(solution, name));
    expect(flows).toHaveLength(sampleNames.length);
    const references = all(customizations, /connectionreferencelogicalname="([^"]+)"/g);
    const used = flows.flatMap((flow) => all(flow, /"connectionReferenceLogicalName": "([^"]+)"/g));
    expect(references).toEqual([...new Set(used)].sort());

    const roots = textOf(solution, "solution.xml");
    const variables = flows.flatMap((flow) => all(flow, /"schemaName": "([^"]+)"/g)).sort();
    expect(all(roots, /type="380" schemaName="([^"]+)"/g).sort()).toEqual(variables);
    for (const variable of variables)
      expect(
        textOf(solution, `environmentvariabledefinitions/${variable}/environmentvariabledefinition.xml`),
      ).toContain(`schemaname="${variable}"`);
    const flowIds = all(customizations, /WorkflowId="([^"]+)"/g);
    expect(all(roots, /type="29" id="([^"]+)"/g)).toEqual(flowIds);
  });

  it("is the same, bytes and identifiers, whenever it is made", async () => {
    expect(await packagedFiles(nowhere, committedIcon())).toEqual(files);
  });
});

it("the app of Logic Apps Standard has every connection and parameter that its workflows name", () => {
  const connections = objectAt(jsonOf(files["standard/connections.json"]), "managedApiConnections");
  const workflows = sampleNames.map((name) => files[`standard/${name}/workflow.json`] as string);
  const used = workflows.flatMap((text) => all(text, /"referenceName": "([^"]+)"/g));
  expect(Object.keys(connections)).toEqual([...new Set(used)].sort());
  const parameters = workflows.flatMap((text) => all(text, /parameters\('([^']+)'\)/g));
  expect(Object.keys(jsonOf(files["standard/parameters.json"])).sort()).toEqual(
    [...new Set(parameters)].sort(),
  );
  for (const text of workflows) expect(jsonOf(text)["kind"]).toBe("Stateful");
});

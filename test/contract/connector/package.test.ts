import { describe, expect, it } from "vitest";
import { about } from "../../../scripts/connector/about.ts";
import { checkBreakingChanges } from "../../../scripts/connector/check/breaking-changes.ts";
import { checkDialect } from "../../../scripts/connector/check/dialect.ts";
import { checkHooks } from "../../../scripts/connector/check/hooks.ts";
import { checkHouseRules } from "../../../scripts/connector/check/house-rules.ts";
import { checkIcon } from "../../../scripts/connector/check/icon.ts";
import { checkParsers } from "../../../scripts/connector/check/parsers.ts";
import { checkPropertiesReferences } from "../../../scripts/connector/check/properties-references.ts";
import { checkReferences } from "../../../scripts/connector/check/references.ts";
import { checkDefinitionShape, checkPropertiesShape } from "../../../scripts/connector/check/shapes.ts";
import { operationsOf } from "../../../scripts/connector/check/walk.ts";
import { connectorFiles } from "../../../scripts/connector/files.ts";
import { objectAt, textAt } from "../../../scripts/connector/json.ts";
import { anApp } from "../../support/app.ts";
import { committed, committedIcon, committedText } from "../../support/connector-package.ts";

const definition = committed("apiDefinition.swagger.json");
const properties = committed("apiProperties.json");

describe("the connector's package", () => {
  it("is what the schemas and the table say today; else: npm run connector", async () => {
    for (const [name, text] of Object.entries(await connectorFiles())) {
      expect([name, committedText(name)]).toEqual([name, text]);
    }
  });

  it("has an icon that both products take", async () => {
    expect(await checkIcon(committedIcon(), about.brandColor)).toEqual([]);
  });

  it("has a README with the headings that certification asks for, and every operation for users", () => {
    const headings = [...committedText("README.md").matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading);
    for (const wanted of [
      `Publisher: ${about.publisher}`,
      "Prerequisites",
      "Supported Operations",
      "Obtaining Credentials",
      "Known Issues and Limitations",
      "Deployment Instructions",
    ])
      expect(headings).toContain(wanted);
    for (const { place, operation } of operationsOf(definition)) {
      if (operation["x-ms-visibility"] !== "internal") expect(headings).toContain(operation["summary"]);
      expect(committedText("README.md")).toContain(`\`${place}\``);
    }
  });
});

describe("the definition", () => {
  it("is OpenAPI 2.0 to parsers of other people's making", async () => {
    expect(await checkParsers(definition)).toEqual([]);
  });

  it("fits the schema of definitions", () => {
    expect(checkDefinitionShape(definition)).toEqual([]);
  });

  it("keeps the house rules", async () => {
    expect(await checkHouseRules(definition)).toEqual([]);
  });

  it("speaks the designers' dialect", () => {
    expect(checkDialect(definition)).toEqual([]);
  });

  it("has for every callback a way to ask for it, to tell it, and to forget it", () => {
    expect(checkHooks(definition)).toEqual([]);
  });

  it("means only what there is", () => {
    expect(checkReferences(definition)).toEqual([]);
  });

  it("breaks no workflow that was built on the released one", () => {
    expect(checkBreakingChanges(committed("released.swagger.json"), definition)).toEqual([]);
  });

  it("has every route that the app serves to connectors, and no other", () => {
    const defined = operationsOf(definition).map(
      ({ method, path }) => `${method.toUpperCase()} ${textAt(definition, "basePath") ?? ""}${path}`,
    );
    const served = Object.values(anApp().connector).map(({ method, route }) => `${method} /${route}`);
    expect(defined.sort()).toEqual(served.sort());
  });
});

describe("the property files", () => {
  it.each(["apiProperties.json", "apiProperties.update.json"])(
    "%s fits its schema and the definition",
    (name) => {
      expect(checkPropertiesShape(committed(name))).toEqual([]);
      expect(checkPropertiesReferences(committed(name), definition)).toEqual([]);
    },
  );

  it("differ by the owner alone, which an update must not name", () => {
    const { stackOwner, ...rest } = objectAt(properties, "properties");
    expect(stackOwner).toBe(about.publisher);
    expect(objectAt(committed("apiProperties.update.json"), "properties")).toEqual(rest);
  });

  it("hold no secret", () => {
    expect(JSON.stringify(properties)).not.toMatch(/clientSecret/i);
    expect(JSON.stringify(properties)).toContain("00000000-0000-0000-0000-000000000000");
  });
});

import { format } from "oxfmt";
import { about, nowhere, type Place } from "./about.ts";
import { connectorDefinition } from "./definition.ts";
import { cardPicture } from "./card.ts";
import { cardsOf, designerPage } from "./designer.ts";
import { flowOf } from "./flows/flow.ts";
import { readSample, sampleNames } from "./flows/samples.ts";
import { servicesWith } from "./flows/services.ts";
import { standardApp } from "./flows/standard.ts";
import { introPage } from "./intro.ts";
import type { JsonObject } from "./json.ts";
import { apiProperties, apiPropertiesForUpdate } from "./properties.ts";
import { connectorReadme } from "./readme.ts";
import { certificationPackage, connectorSolution, flowsSolution } from "./solution.ts";

export const connectorFolder = new URL("../../connector/", import.meta.url);

/** What is imported into a product, by name, for one place. The icon is drawn by icon.ts. */
export function importedFiles(place: Place = nowhere): Record<string, string> {
  return {
    "apiDefinition.swagger.json": toText(connectorDefinition(place)),
    "apiProperties.json": toText(apiProperties(place)),
    "apiProperties.update.json": toText(apiPropertiesForUpdate(place)),
  };
}

/** The text of every generated file of `connector/`, by name. */
export async function connectorFiles(): Promise<Record<string, string>> {
  const readme = await format("README.md", connectorReadme());
  const designer = await format("designer.md", designerPage(connectorDefinition()));
  const intro = await format("intro.md", introPage(about.description, readme.code));
  const card = cardsOf(connectorDefinition()).find(({ operationId }) => operationId === "EditImage");
  if (!card) throw new Error("EditImage has no card.");
  return {
    ...importedFiles(),
    "README.md": readme.code,
    "designer.md": designer.code,
    "intro.md": intro.code,
    "card.svg": cardPicture(card),
  };
}

/** What is made of the samples, and of all for certification: solutions of Power Platform, and an app of Logic Apps Standard. */
export async function packagedFiles(
  place: Place,
  icon: Uint8Array,
): Promise<Record<string, string | Uint8Array>> {
  const definition = connectorDefinition(place);
  const samples: Record<string, JsonObject> = {};
  for (const name of sampleNames) samples[name] = await readSample(name);
  const services = servicesWith(definition);
  const flows = Object.fromEntries(
    Object.entries(samples).map(([name, sample]) => [name, flowOf(name, sample, services)]),
  );
  const source = { definition, properties: apiProperties(place), icon };
  const { "intro.md": intro = "" } = await connectorFiles();
  const standard = Object.entries(standardApp(samples)).map(([name, file]) => [
    `standard/${name}`,
    toText(file),
  ]);
  return {
    "DarkroomConnector.zip": connectorSolution(source),
    "DarkroomFlows.zip": flowsSolution(source, flows),
    "certification.zip": certificationPackage(source, flows, intro),
    ...(Object.fromEntries(standard) as Record<string, string>),
  };
}

function toText(document: JsonObject): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

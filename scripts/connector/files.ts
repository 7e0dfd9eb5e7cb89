import { format } from "oxfmt";
import { nowhere, type Place } from "./about.ts";
import { connectorDefinition } from "./definition.ts";
import { designerPage } from "./designer.ts";
import type { JsonObject } from "./json.ts";
import { apiProperties, apiPropertiesForUpdate } from "./properties.ts";
import { connectorReadme } from "./readme.ts";

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
  return { ...importedFiles(), "README.md": readme.code, "designer.md": designer.code };
}

function toText(document: JsonObject): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

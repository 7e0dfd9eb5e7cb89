import { format, resolveConfig } from "prettier";
import { fileURLToPath } from "node:url";
import { connectorDefinition } from "./definition.ts";
import type { JsonObject } from "./json.ts";
import { apiProperties, apiPropertiesForUpdate } from "./properties.ts";
import { connectorReadme } from "./readme.ts";

export const connectorFolder = new URL("../../connector/", import.meta.url);

/** The text of every generated file of `connector/`, by name. The icon is drawn by icon.ts. */
export async function connectorFiles(): Promise<Record<string, string>> {
  const readme = fileURLToPath(new URL("README.md", connectorFolder));
  const options = await resolveConfig(readme, { editorconfig: true });
  return {
    "apiDefinition.swagger.json": toText(connectorDefinition()),
    "apiProperties.json": toText(apiProperties()),
    "apiProperties.update.json": toText(apiPropertiesForUpdate()),
    "README.md": await format(connectorReadme(), { ...options, filepath: readme }),
  };
}

export function toText(document: JsonObject): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

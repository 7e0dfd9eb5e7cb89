import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { nowhere, type Place } from "./about.ts";
import { checkBreakingChanges } from "./check/breaking-changes.ts";
import { checkDialect } from "./check/dialect.ts";
import { type Finding, showFinding } from "./check/finding.ts";
import { checkHooks } from "./check/hooks.ts";
import { checkHouseRules } from "./check/house-rules.ts";
import { checkParsers } from "./check/parsers.ts";
import { checkPropertiesReferences } from "./check/properties-references.ts";
import { checkReferences } from "./check/references.ts";
import { checkDefinitionShape, checkPropertiesShape } from "./check/shapes.ts";
import { connectorDefinition } from "./definition.ts";
import { connectorFiles, connectorFolder, importedFiles, packagedFiles } from "./files.ts";
import { readmeWithDiagrams, workflowsReadme } from "./flows/files.ts";
import { drawIcon } from "./icon.ts";
import { type JsonObject } from "./json.ts";
import { apiProperties } from "./properties.ts";
import { startScript } from "../start-script.ts";

startScript(`npm run connector                     writes connector/ anew, and the diagrams of the sample workflows
npm run connector -- --release        makes it the definition that users have: later ones must not break it
npm run connector -- --into FOLDER    what products import, there, with solutions, an app of Logic Apps Standard and what certification takes; with --host, --client-id, --tenant-id, --resource-uri`);

/**
 * Writes `connector/` anew, and the diagrams of the sample workflows: `npm run connector`. A definition that a check has
 * something against isn't written. With `-- --release` it becomes the one that users have: later ones must not break it. With
 * `-- --into FOLDER` only what products import is written, there, with your host and registration where placeholders stand.
 */
const { values } = parseArgs({
  options: {
    release: { type: "boolean", default: false },
    into: { type: "string" },
    host: { type: "string", default: nowhere.host },
    "client-id": { type: "string", default: nowhere.clientId },
    "tenant-id": { type: "string", default: nowhere.tenantId },
    "resource-uri": { type: "string", default: nowhere.resourceUri },
  },
});
const place: Place = values.into
  ? {
      host: values.host,
      clientId: values["client-id"],
      tenantId: values["tenant-id"],
      resourceUri: values["resource-uri"],
    }
  : nowhere;
const definition = connectorDefinition(place);
const properties = apiProperties(place);
const findings: Finding[] = [
  ...checkDefinitionShape(definition),
  ...(await checkParsers(definition)),
  ...(await checkHouseRules(definition)),
  ...checkDialect(definition),
  ...checkHooks(definition),
  ...checkReferences(definition),
  ...checkPropertiesShape(properties),
  ...checkPropertiesReferences(properties, definition),
  ...(values.release ? [] : checkBreakingChanges((await readReleased()) ?? definition, definition)),
];
if (findings.length > 0) {
  console.error(findings.map(showFinding).join("\n"));
  process.exit(1);
}
if (values.into) {
  await writeAll(pathToFileURL(`${values.into}/`), {
    ...importedFiles(place),
    ...(await packagedFiles(place, await drawIcon())),
  });
} else {
  await writeAll(connectorFolder, await connectorFiles());
  await writeFile(workflowsReadme, await readmeWithDiagrams(definition));
  if (values.release)
    await copyFile(committed("apiDefinition.swagger.json"), committed("released.swagger.json"));
}

async function writeAll(folder: URL, files: Record<string, string | Uint8Array>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    await mkdir(new URL(".", new URL(name, folder)), { recursive: true });
    await writeFile(new URL(name, folder), content);
  }
  await writeFile(new URL("icon.png", folder), await drawIcon());
}

function committed(name: string): URL {
  return new URL(name, connectorFolder);
}

async function readReleased(): Promise<JsonObject | undefined> {
  const text = await readFile(committed("released.swagger.json"), "utf8").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as JsonObject);
}

import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { checkBreakingChanges } from "./check/breaking-changes.ts";
import { checkDialect } from "./check/dialect.ts";
import { type Finding, showFinding } from "./check/finding.ts";
import { checkHouseRules } from "./check/house-rules.ts";
import { checkParsers } from "./check/parsers.ts";
import { checkReferences } from "./check/references.ts";
import { checkDefinitionShape } from "./check/shapes.ts";
import { connectorDefinition } from "./definition.ts";
import { connectorFiles, connectorFolder } from "./files.ts";
import { flowPictures } from "./flows/files.ts";
import { workflowsFolder } from "./flows/samples.ts";
import { drawIcon } from "./icon.ts";
import { type JsonObject } from "./json.ts";

/**
 * Writes `connector/` anew, and the pictures of the sample workflows: `npm run connector`. A definition that a check has
 * something against isn't written. With `-- --release` it becomes the one that users have: later ones must not break it.
 */
const { values } = parseArgs({ options: { release: { type: "boolean", default: false } } });
const definition = connectorDefinition();
const findings: Finding[] = [
  ...checkDefinitionShape(definition),
  ...(await checkParsers(definition)),
  ...(await checkHouseRules(definition)),
  ...checkDialect(definition),
  ...checkReferences(definition),
  ...(values.release ? [] : checkBreakingChanges((await readReleased()) ?? definition, definition)),
];
if (findings.length > 0) {
  console.error(findings.map(showFinding).join("\n"));
  process.exit(1);
}
await mkdir(connectorFolder, { recursive: true });
for (const [name, text] of Object.entries(await connectorFiles())) await writeFile(fileAt(name), text);
await writeFile(fileAt("icon.png"), await drawIcon());
for (const [name, text] of Object.entries(await flowPictures(definition)))
  await writeFile(new URL(name, workflowsFolder), text);
if (values.release) await copyFile(fileAt("apiDefinition.swagger.json"), fileAt("released.swagger.json"));

function fileAt(name: string): URL {
  return new URL(name, connectorFolder);
}

async function readReleased(): Promise<JsonObject | undefined> {
  const text = await readFile(fileAt("released.swagger.json"), "utf8").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as JsonObject);
}

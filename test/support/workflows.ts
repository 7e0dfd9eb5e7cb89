import { readFileSync } from "node:fs";
import type { Finding } from "../../scripts/connector/check/finding.ts";
import { readTemplate } from "../../scripts/connector/flows/bicep.ts";
import { checkCalls } from "../../scripts/connector/flows/check/calls.ts";
import { checkCare } from "../../scripts/connector/flows/check/care.ts";
import { checkForm, checkWorkflowShape } from "../../scripts/connector/flows/check/form.ts";
import { checkMeaning } from "../../scripts/connector/flows/check/meaning.ts";
import { deploymentFolder, type SampleName, workflowsFolder } from "../../scripts/connector/flows/samples.ts";
import { servicesWith } from "../../scripts/connector/flows/services.ts";
import type { JsonObject } from "../../scripts/connector/json.ts";
import { committed } from "./connector-package.ts";

export const sampleFile = (name: string) => readFileSync(new URL(name, workflowsFolder), "utf8");
export const sample = (name: SampleName) => JSON.parse(sampleFile(`${name}.json`)) as JsonObject;

const services = servicesWith(committed("apiDefinition.swagger.json"));

/** All that the checks have against a workflow. */
export const findingsIn = (definition: JsonObject): Finding[] => [
  ...checkWorkflowShape(definition),
  ...checkForm(definition),
  ...checkCalls(definition, services),
  ...checkMeaning(definition, services),
  ...checkCare(definition, services),
];

export const templateUrl = (name: string) => new URL(name, deploymentFolder);
export const templateText = (name: string) => readFileSync(templateUrl(name), "utf8");

/** The template, with a piece of it replaced by another. A piece that isn't there shows at once. */
export async function templateWith(name: string, piece?: string, other = "") {
  const text = templateText(name);
  if (piece !== undefined && !text.includes(piece)) throw new Error(`${name} doesn't say ${piece}`);
  return readTemplate(templateUrl(name), piece === undefined ? text : text.replace(piece, other));
}

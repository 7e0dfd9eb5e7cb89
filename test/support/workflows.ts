import { readFileSync } from "node:fs";
import type { Finding } from "../../scripts/connector/check/finding.ts";
import { checkCalls } from "../../scripts/connector/flows/check/calls.ts";
import { checkCare } from "../../scripts/connector/flows/check/care.ts";
import { checkForm, checkWorkflowShape } from "../../scripts/connector/flows/check/form.ts";
import { checkMeaning } from "../../scripts/connector/flows/check/meaning.ts";
import { type SampleName, workflowsFolder } from "../../scripts/connector/flows/samples.ts";
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

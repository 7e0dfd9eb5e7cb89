import { flowOf } from "../../../scripts/connector/flows/flow.ts";
import type { SampleName } from "../../../scripts/connector/flows/samples.ts";
import { servicesWith } from "../../../scripts/connector/flows/services.ts";
import { appParameter, standardApp } from "../../../scripts/connector/flows/standard.ts";
import { isObject, type JsonObject, objectAt } from "../../../scripts/connector/json.ts";
import { committed } from "../connector-package.ts";
import { sample } from "../workflows.ts";

/** A sample as one product has it. */
export interface Form {
  definition: JsonObject;
  /** What the product calls a parameter of the sample. */
  parameter: (own: string) => string;
}

const services = servicesWith(committed("apiDefinition.swagger.json"));

/** The sample as Consumption, Standard and Power Automate have it. */
export function formsOf(name: SampleName): Form[] {
  return [{ definition: sample(name), parameter: (own) => own }, standardForm(name), flowForm(name)];
}

/** Its parameters are the app's. */
function standardForm(name: SampleName): Form {
  const app = standardApp({ [name]: sample(name) });
  const parameters = Object.entries(objectAt(app, "parameters.json")).map(([parameter, facts]) => [
    parameter,
    { defaultValue: (isObject(facts) && facts["value"]) || null },
  ]);
  const definition = objectAt(app[`${name}/workflow.json`], "definition");
  return {
    definition: { ...definition, parameters: Object.fromEntries(parameters) as JsonObject },
    parameter: (own) => appParameter(name, own),
  };
}

function flowForm(name: SampleName): Form {
  const { file } = flowOf(name, sample(name), services);
  const definition = objectAt(objectAt(file, "properties"), "definition");
  const parameters = Object.keys(objectAt(definition, "parameters"));
  return {
    definition,
    parameter: (own) => parameters.find((parameter) => parameter.startsWith(`${name}: ${own} (`)) ?? own,
  };
}

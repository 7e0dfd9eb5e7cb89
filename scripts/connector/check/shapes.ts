import addFormats from "ajv-formats";
import { Ajv, type ValidateFunction } from "ajv";
import type { JsonObject } from "../json.ts";
import { definitionSchema } from "./definition-schema.ts";
import type { Finding } from "./finding.ts";
import { propertiesSchema } from "./properties-schema.ts";

const ajv = new Ajv({ strict: false, allErrors: true });
addFormats.default(ajv);
const asDefinition = ajv.compile(definitionSchema);
const asProperties = ajv.compile(propertiesSchema);

export const checkDefinitionShape = (definition: JsonObject) =>
  misfits("definition-schema", asDefinition, definition);

export const checkPropertiesShape = (properties: JsonObject) =>
  misfits("properties-schema", asProperties, properties);

function misfits(rule: string, fits: ValidateFunction, document: JsonObject): Finding[] {
  if (fits(document)) return [];
  return (fits.errors ?? []).map(({ instancePath, keyword, message, params }) => ({
    rule: `${rule}:${keyword}`,
    place: instancePath,
    message: `${message ?? "does not fit"} ${JSON.stringify(params)}`,
  }));
}

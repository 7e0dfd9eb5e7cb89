import addFormats from "ajv-formats";
import { Ajv, type ValidateFunction } from "ajv";
import type { JsonObject } from "../json.ts";
import type { Finding } from "./finding.ts";

const ajv = new Ajv({ strict: false, allErrors: true });
addFormats.default(ajv);

export const compiled = (schema: object): ValidateFunction => ajv.compile(schema);

/** All that a document breaks of a schema, each by the schema's word for it: the rule "definition-schema:enum". */
export function misfits(check: string, fits: ValidateFunction, document: JsonObject): Finding[] {
  if (fits(document)) return [];
  return (fits.errors ?? []).map(({ instancePath, keyword, message, params }) => ({
    rule: `${check}:${keyword}`,
    place: instancePath,
    message: `${message ?? "does not fit"} ${JSON.stringify(params)}`,
  }));
}

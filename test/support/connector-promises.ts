import addFormats from "ajv-formats";
import { Ajv } from "ajv";
import { operationsOf } from "../../scripts/connector/check/walk.ts";
import { objectAt } from "../../scripts/connector/json.ts";
import { committed } from "./connector-package.ts";
import type { Answer } from "./http.ts";

const definition = committed("apiDefinition.swagger.json");
const documentId = "https://darkroom.example/connector.json";
const ajv = new Ajv({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema(definition, documentId);

/** What an answer breaks of what the committed definition promises: its status, headers and body. */
export function brokenPromises(
  operationId: string,
  answer: Pick<Answer, "status" | "headers" | "json">,
): unknown[] {
  const found = operationsOf(definition).find(({ place }) => place === operationId);
  if (!found) return [`no operation ${operationId}`];
  const status = String(answer.status);
  const response = objectAt(objectAt(found.operation, "responses"), status);
  // Only what nobody could have foreseen is left to the default.
  if (Object.keys(response).length === 0)
    return answer.status >= 500 ? [] : [`${operationId} answers ${status}`];
  const absent = Object.keys(objectAt(response, "headers")).filter((name) => !answer.headers.has(name));
  const schema = objectAt(response, "schema");
  if (schema["format"] === "binary" || Object.keys(schema).length === 0) return absent;
  const pointer = ["paths", found.path, found.method, "responses", status, "schema"]
    .map((step) => encodeURIComponent(step.replaceAll("~", "~0").replaceAll("/", "~1")))
    .join("/");
  const fits = ajv.getSchema(`${documentId}#/${pointer}`);
  if (!fits) return [`no schema for ${operationId} ${status}`];
  return fits(answer.json) === true ? absent : [...absent, ...(fits.errors ?? [])];
}

import addFormats from "ajv-formats";
import { Ajv2020 } from "ajv/dist/2020.js";
import { openApiDocument } from "../../src/contracts/openapi.ts";
import type { Endpoint } from "../../src/http/endpoint.ts";
import type { Answer } from "./http.ts";

/** The document as clients get it: through JSON, which drops whatever isn't there. */
export const document = JSON.parse(JSON.stringify(openApiDocument())) as OpenApi;

export interface Operation {
  operationId: string;
  security?: Record<string, string[]>[];
  parameters?: { name: string; in: string; required?: boolean }[];
  responses: Record<
    string,
    { headers?: Record<string, { required?: boolean }>; content?: Record<string, object> }
  >;
}

export interface OpenApi {
  openapi: string;
  security: Record<string, string[]>[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
}

const documentId = "https://darkroom.example/openapi.json";
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema(document, documentId);

/** What a value breaks of the schema at a place in the document; an empty list when it fits. */
export function misfits(value: unknown, ...place: string[]): unknown[] {
  const pointer = place.map((part) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1")));
  const validate = ajv.getSchema(`${documentId}#/${pointer.join("/")}`);
  if (!validate) throw new Error(`The document has no ${place.join(" ")}`);
  return validate(value) === true ? [] : (validate.errors ?? []);
}

/** "/" is written so for the host; see page-get.ts. */
export const pathOf = ({ route }: Endpoint): string => (route.includes("maxlength(0)") ? "/" : `/${route}`);

export function operationOf(endpoint: Endpoint): Operation | undefined {
  return document.paths[pathOf(endpoint)]?.[endpoint.method.toLowerCase()];
}

/** What an answer breaks of what the document promises for its status. */
export function brokenPromises(endpoint: Endpoint, answer: Answer): unknown[] {
  const status = String(answer.status);
  const operation = operationOf(endpoint);
  const known = operation?.responses[status] ? status : "default";
  const promised = operation?.responses[known];
  // What isn't an error needs a promise of its own.
  if (!promised || (known === "default" && answer.status < 500))
    return [`${endpoint.name} answers ${status}, which the document doesn't know`];
  const missing = Object.entries(promised.headers ?? {}).flatMap(([name, { required }]) =>
    required === false || answer.headers.has(name) ? [] : [name],
  );
  if (!promised.content) return missing;
  const place = ["paths", pathOf(endpoint), endpoint.method.toLowerCase(), "responses", known];
  return [...missing, ...misfits(answer.json, ...place, "content", "application/json", "schema")];
}

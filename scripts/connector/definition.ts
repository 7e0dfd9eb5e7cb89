import { connectorError } from "../../src/connector/contracts/schemas.ts";
import type { ErrorStatus, Operation, Success } from "../../src/connector/contracts/operation.ts";
import { connectorBasePath, operations } from "../../src/connector/contracts/operations.ts";
import { asJson, type JsonObject } from "./json.ts";
import { about, nowhere, type Place } from "./about.ts";
import { Definitions } from "./swagger-schema.ts";

/** The connector's definition, OpenAPI 2.0, from the schemas that the app checks by. */

const imageTypes = ["image/png", "image/jpeg", "image/webp"];

const errorWords: Record<ErrorStatus, string> = {
  "400": "Something about the request is wrong; the message names the field.",
  "401": "The key is missing or unknown.",
  "403": "The key or token is known and may not do this; the message says what it may.",
  "404": "There is no such thing, or it is not yours.",
  "409": "The state of things does not allow it; the message says what.",
  "410": "It was canceled, deleted, or has expired.",
  "413": "The request is too large.",
  "415": "The file is of no type that can be used.",
  "416": "The file has no such range.",
  "422": "The job made no image, or the key of the request stands for another one.",
  "429": "Too much at once; try again after the time in Retry-After.",
  "503": "The service is not there; try again after the time in Retry-After.",
};

const location = {
  type: "string",
  description: "Where to ask again. It needs no credentials.",
};
const hookLocation = {
  type: "string",
  description: "What to DELETE when the callback is wanted no more. It needs no credentials.",
};
const retryAfter = {
  type: "integer",
  format: "int32",
  description: "Seconds to wait before asking again.",
};

export function connectorDefinition({ host }: Pick<Place, "host"> = nowhere): JsonObject {
  const definitions = new Definitions();
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) {
    const path = (paths[operation.path] ??= {});
    if (operation.notification)
      path["x-ms-notification-content"] = notificationContent(operation.notification, definitions);
    path[operation.method] = describe(operation, definitions);
  }
  return asJson({
    swagger: "2.0",
    info: {
      title: about.title,
      description: about.description,
      version: about.version,
      contact: about.contact,
    },
    host,
    basePath: connectorBasePath,
    schemes: ["https"],
    consumes: ["application/json"],
    produces: ["application/json"],
    paths,
    definitions: Object.fromEntries(
      Object.entries(definitions.all).sort(([one], [other]) => (one < other ? -1 : 1)),
    ),
    securityDefinitions: {
      apiKey: { type: "apiKey", in: "header", name: "api-key" },
    },
    security: [{ apiKey: [] }],
    "x-ms-capabilities": { testConnection: { operationId: "TestConnection", parameters: {} } },
    "x-ms-openai-manifest": {
      humanName: about.title,
      modelDescription: about.modelDescription,
      contactEmail: about.contact.email,
      legalUrl: about.website,
    },
    "x-ms-connector-metadata": [
      { propertyName: "Website", propertyValue: about.website },
      { propertyName: "Privacy policy", propertyValue: about.privacy },
      { propertyName: "Categories", propertyValue: about.categories },
    ],
  }) as JsonObject;
}

function describe(operation: Operation, definitions: Definitions): Record<string, unknown> {
  const {
    operationId,
    summary,
    description,
    visibility,
    agentic,
    plugin,
    trigger,
    keyless,
    body,
    successes,
    errors,
  } = operation;
  const sendsFile = Object.values(successes).some(({ file }) => file);
  return {
    operationId,
    summary,
    description,
    ...(visibility && { "x-ms-visibility": visibility }),
    ...(agentic && { "x-ms-agentic-protocol": "mcp-streamable-1.0" }),
    ...(plugin && {
      "x-ms-openai-data": { "openai-enabled": true },
      "x-ms-require-user-confirmation": plugin.confirms,
    }),
    ...(trigger && { "x-ms-trigger": trigger.kind, "x-ms-trigger-hint": trigger.hint }),
    "x-ms-api-annotation": { family: operationId, revision: 1 },
    ...(keyless && { security: [] }),
    ...(sendsFile && { produces: [...imageTypes, "application/json"] }),
    parameters: [
      ...parametersIn("path", operation.inPath, definitions),
      ...parametersIn("query", operation.query, definitions),
      ...parametersIn("header", operation.headers, definitions),
      ...(body
        ? [{ name: "body", in: "body", required: body.required, schema: definitions.reference(body.schema) }]
        : []),
    ],
    responses: {
      ...Object.fromEntries(
        Object.entries(successes).map(([status, success]) => [status, answer(success, definitions)]),
      ),
      ...Object.fromEntries(errors.map((status) => [status, refusal(status, definitions)])),
      default: { description: "Something failed." },
    },
  };
}

/** What the designer takes an operation's outputs from, in place of its answer. */
function notificationContent(
  { description, schema }: NonNullable<Operation["notification"]>,
  definitions: Definitions,
) {
  return { description, schema: definitions.reference(schema) };
}

function parametersIn(
  place: "path" | "query" | "header",
  schema: Operation["query"],
  definitions: Definitions,
): JsonObject[] {
  if (!schema) return [];
  return definitions
    .fields(schema)
    .map(({ name, required, schema: facts }) => ({ name, in: place, required, ...facts }));
}

function answer({ description, schema, polled, hooked, file }: Success, definitions: Definitions) {
  return {
    description,
    ...(schema && { schema: definitions.reference(schema) }),
    ...(file && {
      schema: {
        type: "string",
        format: "binary",
        "x-ms-summary": "File Content",
        description: "The file itself.",
        "x-ms-media-kind": "image",
      },
    }),
    ...(polled && { headers: { Location: location, "Retry-After": retryAfter } }),
    ...(hooked && { headers: { Location: hookLocation } }),
  };
}

function refusal(status: ErrorStatus, definitions: Definitions) {
  return {
    description: errorWords[status],
    schema: definitions.reference(connectorError),
    ...((status === "429" || status === "503") && { headers: { "Retry-After": retryAfter } }),
  };
}

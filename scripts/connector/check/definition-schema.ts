import { map, only, ref, text } from "./schema-words.ts";

/**
 * What `apiDefinition.swagger.json` may hold, as a JSON schema of our own. Narrower than OpenAPI 2.0: what designers or the
 * validators of the products refuse is missing, and an `x-ms-` word that isn't listed is a typo until it is.
 */

const visibility = { enum: ["important", "advanced", "internal"] };

const calledWithParameters = map({
  anyOf: [{ type: ["string", "number", "boolean"] }, only({ parameter: text }, ["parameter"])],
});
const calledWithReferences = map({
  anyOf: [only({ value: {} }, ["value"]), only({ parameterReference: text }, ["parameterReference"])],
});

const dynamic = {
  "x-ms-dynamic-values": only(
    {
      operationId: text,
      parameters: calledWithParameters,
      "value-collection": text,
      "value-path": text,
      "value-title": text,
    },
    ["operationId", "value-path"],
  ),
  "x-ms-dynamic-list": only(
    {
      operationId: text,
      parameters: calledWithReferences,
      itemsPath: text,
      itemValuePath: text,
      itemTitlePath: text,
    },
    ["operationId", "itemValuePath"],
  ),
};
const dynamicForms = {
  "x-ms-dynamic-schema": only({ operationId: text, parameters: calledWithParameters, "value-path": text }, [
    "operationId",
  ]),
  "x-ms-dynamic-properties": only(
    { operationId: text, parameters: calledWithReferences, itemValuePath: text },
    ["operationId"],
  ),
};

const value = {
  description: text,
  default: {},
  enum: { type: "array", minItems: 1, uniqueItems: true },
  format: { enum: ["int32", "int64", "float", "double", "byte", "binary", "date", "date-time", "uri"] },
  minimum: { type: "number" },
  maximum: { type: "number" },
  minLength: { type: "integer", minimum: 0 },
  maxLength: { type: "integer", minimum: 0 },
  minItems: { type: "integer", minimum: 0 },
  maxItems: { type: "integer", minimum: 0 },
  pattern: text,
  "x-ms-summary": text,
  "x-ms-visibility": visibility,
  "x-ms-enum-values": {
    type: "array",
    items: only({ value: {}, displayName: text }, ["value", "displayName"]),
  },
};

const primitive = { enum: ["string", "number", "integer", "boolean"] };

const schemaFields = {
  ...value,
  ...dynamic,
  type: { enum: ["string", "number", "integer", "boolean", "array", "object"] },
  items: ref("schema"),
  properties: map(ref("schema")),
  required: { type: "array", items: text, minItems: 1, uniqueItems: true },
  "x-ms-notification-url": { const: true },
  "x-ms-media-kind": { enum: ["image", "audio"] },
};
const reference = only({ $ref: { type: "string", pattern: "^#/definitions/[A-Za-z0-9]+$" } }, ["$ref"]);

const header = only({ type: primitive, format: value.format, description: text }, ["type", "description"]);

export const definitionSchema = {
  $schema: "http://json-schema.org/draft-07/schema#",
  ...only(
    {
      swagger: { const: "2.0" },
      info: only(
        {
          title: text,
          description: text,
          version: { type: "string", pattern: "^\\d+\\.\\d+\\.\\d+$" },
          contact: only({ name: text, url: { type: "string", format: "uri" }, email: text }, ["name", "url"]),
        },
        ["title", "description", "version", "contact"],
      ),
      host: { type: "string", pattern: "^[^{}/ :\\\\]+(?::\\d+)?$" },
      basePath: { type: "string", pattern: "^/.*[^/]$" },
      schemes: { type: "array", items: { const: "https" }, minItems: 1, maxItems: 1 },
      consumes: { type: "array", items: text },
      produces: { type: "array", items: text },
      paths: {
        type: "object",
        patternProperties: { "^/": ref("pathItem") },
        additionalProperties: false,
      },
      definitions: map(ref("named")),
      securityDefinitions: map(
        only({ type: { const: "apiKey" }, in: { const: "header" }, name: text }, ["type", "in", "name"]),
      ),
      security: { type: "array", items: map({ type: "array" }), minItems: 1 },
      "x-ms-capabilities": only({
        testConnection: only({ operationId: text, parameters: calledWithParameters }, ["operationId"]),
      }),
      "x-ms-openai-manifest": only(
        { humanName: text, modelDescription: text, contactEmail: text, legalUrl: text },
        ["humanName", "modelDescription", "contactEmail", "legalUrl"],
      ),
      "x-ms-connector-metadata": {
        type: "array",
        items: only({ propertyName: text, propertyValue: text }, ["propertyName", "propertyValue"]),
        allOf: ["Website", "Privacy policy", "Categories"].map((propertyName) => ({
          contains: { properties: { propertyName: { const: propertyName } } },
        })),
      },
    },
    ["swagger", "info", "host", "basePath", "schemes", "paths", "securityDefinitions", "security"].concat(
      "x-ms-connector-metadata",
    ),
  ),
  definitions: {
    pathItem: only({
      get: ref("operation"),
      post: ref("operation"),
      put: ref("operation"),
      patch: ref("operation"),
      delete: ref("operation"),
      parameters: { type: "array" },
      "x-ms-notification-content": only({ description: text, schema: ref("anySchema") }, ["schema"]),
    }),
    operation: only(
      {
        operationId: text,
        summary: text,
        description: text,
        deprecated: { type: "boolean" },
        consumes: { type: "array", items: text },
        produces: { type: "array", items: text },
        security: { type: "array" },
        parameters: { type: "array", items: ref("parameter") },
        responses: {
          type: "object",
          patternProperties: { "^(\\d{3}|default)$": ref("response") },
          additionalProperties: false,
          minProperties: 1,
        },
        "x-ms-visibility": visibility,
        "x-ms-trigger": { enum: ["single", "batch"] },
        "x-ms-trigger-hint": text,
        "x-ms-agentic-protocol": { const: "mcp-streamable-1.0" },
        "x-ms-openai-data": only({ "openai-enabled": { type: "boolean" } }, ["openai-enabled"]),
        "x-ms-require-user-confirmation": { type: "boolean" },
        "x-ms-api-annotation": only(
          {
            family: text,
            revision: { type: "integer", minimum: 1 },
            status: { enum: ["Production", "Preview"] },
          },
          ["family", "revision"],
        ),
      },
      ["operationId", "summary", "description", "parameters", "responses"],
    ),
    parameter: {
      type: "object",
      required: ["in"],
      if: { properties: { in: { const: "body" } } },
      then: only(
        { name: text, in: {}, required: { type: "boolean" }, description: text, schema: ref("anySchema") },
        ["name", "schema"],
      ),
      else: {
        ...only(
          {
            ...value,
            ...dynamic,
            name: text,
            in: { enum: ["path", "query", "header", "formData"] },
            required: { type: "boolean" },
            type: { enum: [...primitive.enum, "array", "file"] },
            items: ref("schema"),
            "x-ms-url-encoding": { enum: ["single", "double"] },
          },
          ["name", "type"],
        ),
      },
    },
    response: only({ description: text, schema: ref("anySchema"), headers: map(header) }, ["description"]),
    // A form that another operation tells belongs to a named schema: within a field it is not read.
    named: only({ ...schemaFields, ...dynamicForms }, ["type"]),
    schema: { if: { required: ["$ref"] }, then: reference, else: only(schemaFields, ["type"]) },
    anySchema: { if: { required: ["$ref"] }, then: reference, else: ref("named") },
  },
};

import { map, only, text, uiDefinition } from "../../check/schema-words.ts";

/**
 * The resources of the connector's template, as JSON schemas of our own. Names are those of the published types. The schema
 * of customApis that is published lets anything else pass (policy templates, too), and the service forgets it: here it is
 * refused.
 */
const resource = (properties: object) =>
  only({ name: text, location: text, tags: map(text), properties }, ["name", "location", "properties"]);

const address = { type: "string", pattern: "^https://[^/{} ]+(/[^{} ]*[^/{} ])?$" };

const connectionParameter = {
  ...only(
    {
      type: {
        enum: [
          "string",
          "securestring",
          "secureobject",
          "int",
          "bool",
          "object",
          "array",
          "oauthSetting",
          "connection",
        ],
      },
      uiDefinition: uiDefinition(),
      metadata: only({ sourceType: text }),
      oAuthSettings: only(
        {
          identityProvider: { const: "aad" },
          clientId: { type: "string" },
          clientSecret: text,
          scopes: { type: "array", items: text },
          redirectUrl: { const: "https://global.consent.azure-apim.net/redirect" },
          properties: map(text),
          customParameters: map(only({ value: { type: "string" } }, ["value"])),
        },
        ["identityProvider", "clientId", "redirectUrl", "customParameters"],
      ),
    },
    ["type"],
  ),
  allOf: [
    {
      if: { properties: { type: { const: "oauthSetting" } } },
      then: { required: ["oAuthSettings"] },
    },
    {
      // A key that is typed in the open is read over shoulders.
      if: { properties: { type: { const: "securestring" } } },
      then: {
        required: ["uiDefinition"],
        properties: {
          uiDefinition: { properties: { constraints: { properties: { clearText: { const: false } } } } },
        },
      },
    },
  ],
};

const customApi = resource({
  ...only(
    {
      displayName: { type: "string", minLength: 1, maxLength: 30 },
      description: text,
      apiType: { enum: ["Rest", "Soap"] },
      brandColor: { type: "string", pattern: "^#[0-9A-Fa-f]{6}$", not: { enum: ["#007ee5", "#ffffff"] } },
      iconUri: address,
      capabilities: { type: "array", items: text },
      backendService: only({ serviceUrl: address }, ["serviceUrl"]),
      connectionParameters: { ...map(connectionParameter), minProperties: 1 },
      swagger: { type: "object", required: ["swagger", "host", "basePath", "paths", "securityDefinitions"] },
      runtimeUrls: { type: "array", items: address },
      apiDefinitions: only({ originalSwaggerUrl: address, modifiedSwaggerUrl: address }),
      wsdlDefinition: { type: "object" },
    },
    ["displayName", "description", "apiType", "backendService", "connectionParameters", "swagger"],
  ),
});

const connection = resource(
  only(
    {
      displayName: text,
      api: only({ id: { type: "string", pattern: "/customApis/[^/]+$" } }, ["id"]),
      parameterValues: map({ type: "string" }),
      customParameterValues: map(text),
      nonSecretParameterValues: map(text),
      testLinks: { type: "array" },
    },
    ["displayName", "api"],
  ),
);

const workflow = resource(
  only(
    {
      state: { enum: ["Enabled", "Disabled"] },
      definition: { type: "object", required: ["$schema", "triggers", "actions"] },
      parameters: {
        ...map(only({ value: {} }, ["value"])),
        required: ["$connections"],
        properties: {
          $connections: only(
            {
              value: map(
                only({ id: text, connectionId: text, connectionName: text }, [
                  "id",
                  "connectionId",
                  "connectionName",
                ]),
              ),
            },
            ["value"],
          ),
        },
      },
    },
    ["state", "definition", "parameters"],
  ),
);

export const resourceSchemas: Readonly<Record<string, object>> = {
  "Microsoft.Web/customApis@2016-06-01": customApi,
  "Microsoft.Web/connections@2016-06-01": connection,
  "Microsoft.Logic/workflows@2019-05-01": workflow,
};

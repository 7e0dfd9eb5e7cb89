import { only, text, uiDefinition } from "./schema-words.ts";

/** What `apiProperties.json` may hold, as a JSON schema of our own: the property file of Power Platform, with multiple ways to connect. */

const asked = uiDefinition({ allowedValues: { type: "array" } });

const parameters = {
  type: "object",
  minProperties: 1,
  additionalProperties: {
    type: "object",
    required: ["type", "uiDefinition"],
    properties: {
      type: { enum: ["string", "securestring", "oauthSetting"] },
      uiDefinition: asked,
      metadata: { type: "object" },
      oAuthSettings: only(
        {
          identityProvider: { enum: ["aad", "oauth2"] },
          clientId: text,
          scopes: { type: "array", items: text },
          redirectMode: text,
          redirectUrl: { const: "https://global.consent.azure-apim.net/redirect" },
          properties: { type: "object" },
          customParameters: {
            type: "object",
            required: ["loginUri", "tenantId", "resourceUri"],
            additionalProperties: only({ value: text }, ["value"]),
          },
        },
        ["identityProvider", "clientId", "redirectUrl", "customParameters"],
      ),
    },
    additionalProperties: false,
    allOf: [
      {
        if: { properties: { type: { const: "oauthSetting" } } },
        then: { required: ["oAuthSettings"] },
        else: { properties: { oAuthSettings: false } },
      },
      {
        if: { properties: { type: { const: "securestring" } } },
        then: {
          properties: {
            uiDefinition: { properties: { constraints: { properties: { clearText: { const: false } } } } },
          },
        },
      },
    ],
  },
};

const policyParameters = (names: Record<string, object>, required: string[]) =>
  only(
    {
      "x-ms-apimTemplate-operationName": { type: "array", items: text },
      "x-ms-apimTemplate-policySection": { enum: ["Request", "Response"] },
      ...Object.fromEntries(
        Object.entries(names).map(([name, schema]) => [`x-ms-apimTemplateParameter.${name}`, schema]),
      ),
    },
    required.map((name) => `x-ms-apimTemplateParameter.${name}`),
  );
const policy = (templateId: string, given: object) => ({
  if: { properties: { templateId: { const: templateId } } },
  then: { properties: { parameters: given } },
});

export const propertiesSchema = {
  $schema: "http://json-schema.org/draft-07/schema#",
  ...only(
    {
      properties: {
        ...only(
          {
            connectionParameters: parameters,
            connectionParameterSets: only(
              {
                uiDefinition: only({ displayName: text, description: text }, ["displayName"]),
                values: {
                  type: "array",
                  minItems: 1,
                  items: only({ name: text, uiDefinition: asked, parameters }, [
                    "name",
                    "uiDefinition",
                    "parameters",
                  ]),
                },
              },
              ["uiDefinition", "values"],
            ),
            // Both are colours that the products refuse.
            iconBrandColor: {
              type: "string",
              pattern: "^#[0-9A-Fa-f]{6}$",
              not: { pattern: "^#(007[eE][eE]5|[fF]{6})$" },
            },
            capabilities: { type: "array", items: text },
            policyTemplateInstances: {
              type: "array",
              items: {
                ...only(
                  {
                    templateId: { enum: ["dynamichosturl", "setheader"] },
                    title: text,
                    parameters: { type: "object" },
                  },
                  ["templateId", "title", "parameters"],
                ),
                allOf: [
                  policy("dynamichosturl", policyParameters({ urlTemplate: text }, ["urlTemplate"])),
                  policy(
                    "setheader",
                    policyParameters(
                      { name: text, value: text, existsAction: { enum: ["override", "skip", "append"] } },
                      ["name", "value"],
                    ),
                  ),
                ],
              },
            },
            publisher: text,
            stackOwner: text,
          },
          ["iconBrandColor", "capabilities", "policyTemplateInstances", "publisher"],
        ),
        anyOf: [{ required: ["connectionParameters"] }, { required: ["connectionParameterSets"] }],
      },
    },
    ["properties"],
  ),
};

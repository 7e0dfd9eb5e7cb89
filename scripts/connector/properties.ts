import { connectorBasePath, operations } from "../../src/connector/contracts/operations.ts";
import { about, nowhere, type Place } from "./about.ts";
import { asJson, type JsonObject } from "./json.ts";

/**
 * What Power Platform needs besides the definition: how to connect, by key or by Entra, and to which app. Logic Apps knows
 * none of this; the definition works without it.
 */
const siteUrl = {
  type: "string",
  uiDefinition: {
    displayName: "Address of Darkroom",
    description:
      "Where your Darkroom is, such as https://darkroom.example.com: without a path, or a slash at its end.",
    tooltip: "The address of your function app",
    constraints: { tabIndex: 1, clearText: true, required: "true" },
  },
};

const apiKey = {
  type: "securestring",
  uiDefinition: {
    displayName: "API Key",
    description: "Your key for Darkroom, as it is: no word before it.",
    tooltip: "Your key for Darkroom",
    constraints: { tabIndex: 2, clearText: false, required: "true" },
  },
};

const token = ({ clientId, tenantId, resourceUri }: Place) => ({
  type: "oauthSetting",
  oAuthSettings: {
    identityProvider: "aad",
    clientId,
    scopes: [],
    redirectMode: "Global",
    redirectUrl: "https://global.consent.azure-apim.net/redirect",
    properties: { IsFirstParty: "False", AzureActiveDirectoryResourceId: resourceUri },
    customParameters: {
      loginUri: { value: "https://login.microsoftonline.com" },
      tenantId: { value: tenantId },
      resourceUri: { value: resourceUri },
      enableOnbehalfOfLogin: { value: "false" },
    },
  },
  uiDefinition: {
    displayName: "Sign In",
    description: "Sign in with your organization's account.",
    tooltip: "Your organization's account",
    constraints: { tabIndex: 2, required: "true" },
  },
});

const tenant = {
  type: "string",
  metadata: { sourceType: "AzureActiveDirectoryTenant" },
  uiDefinition: { constraints: { required: "false", hidden: "true" } },
};

export function apiProperties(place: Place = nowhere): JsonObject {
  return asJson({
    properties: {
      ...connection(place),
      publisher: about.publisher,
      stackOwner: about.publisher,
    },
  }) as JsonObject;
}

/** The same for `paconn update`, which refuses a file that names a stack owner. */
export function apiPropertiesForUpdate(place: Place = nowhere): JsonObject {
  return asJson({ properties: { ...connection(place), publisher: about.publisher } }) as JsonObject;
}

const connection = (place: Place) => ({
  // For readers that don't know sets: the key, as in the first one.
  connectionParameters: { api_key: apiKey, siteUrl },
  connectionParameterSets: {
    uiDefinition: { displayName: "Authentication", description: "How to connect" },
    values: [
      {
        name: "key",
        uiDefinition: { displayName: "API key", description: "Connect with a key of Darkroom" },
        parameters: { api_key: apiKey, siteUrl },
      },
      {
        name: "entra",
        uiDefinition: { displayName: "Microsoft Entra ID", description: "Connect as yourself" },
        parameters: { token: token(place), "token:TenantId": tenant, siteUrl },
      },
    ],
  },
  iconBrandColor: about.brandColor,
  capabilities: [],
  policyTemplateInstances: [
    {
      templateId: "dynamichosturl",
      title: "Call the app that the connection names",
      parameters: {
        // It stands in for the base path as well as for the host.
        "x-ms-apimTemplateParameter.urlTemplate": `@connectionParameters('siteUrl','https://${place.host}')${connectorBasePath}`,
        "x-ms-apimTemplate-operationName": operations.map(({ operationId }) => operationId),
      },
    },
    {
      templateId: "setheader",
      title: "Send the key, where the connection has one",
      parameters: {
        "x-ms-apimTemplateParameter.name": "api-key",
        "x-ms-apimTemplateParameter.value": "@connectionParameters('api_key','')",
        "x-ms-apimTemplateParameter.existsAction": "override",
        "x-ms-apimTemplate-policySection": "Request",
      },
    },
  ],
});

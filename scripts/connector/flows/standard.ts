import { isObject, type JsonObject, objectAt } from "../json.ts";
import { ownParameters, withCalls, withParameters } from "./rewrite.ts";
import { connectionOf } from "./workflow.ts";

/**
 * The samples as Logic Apps Standard has them: a folder of one app, with a workflow in each folder within. Connections and
 * parameters are the app's; so parameters have the sample's name before their own.
 */
export function standardApp(samples: Readonly<Record<string, JsonObject>>): Record<string, JsonObject> {
  const used = new Set<string>();
  const files = Object.entries(samples).map(([name, definition]): [string, JsonObject] => [
    `${name}/workflow.json`,
    { definition: standardDefinition(name, definition, used), kind: "Stateful" },
  ]);
  const parameters = Object.entries(samples).flatMap(([name, definition]) =>
    ownParameters(definition).map(({ name: parameter, initial }) => [
      appParameter(name, parameter),
      { type: "String", value: initial ?? "" },
    ]),
  );
  return {
    "host.json": {
      version: "2.0",
      extensionBundle: {
        id: "Microsoft.Azure.Functions.ExtensionBundle.Workflows",
        version: "[1.*, 2.0.0)",
      },
    },
    "connections.json": {
      managedApiConnections: Object.fromEntries([...used].sort().map((name) => [name, connection(name)])),
    },
    "parameters.json": Object.fromEntries(parameters) as JsonObject,
    ...Object.fromEntries(files),
  };
}

export const appParameter = (sample: string, parameter: string): string =>
  `${sample.replaceAll("-", "_")}_${parameter}`;

function standardDefinition(name: string, definition: JsonObject, used: Set<string>): JsonObject {
  const called = withCalls(definition, (step) => {
    const referenceName = connectionOf(step) ?? "";
    used.add(referenceName);
    const inputs = { ...objectAt(step.node, "inputs"), host: { connection: { referenceName } } };
    return { ...step.node, inputs };
  });
  const renamed = withParameters(called, (parameter) => appParameter(name, parameter));
  const { parameters: _, ...rest } = isObject(renamed) ? renamed : {};
  return rest;
}

/** In the words of the app's own settings, so that no file names a subscription. */
function connection(name: string): JsonObject {
  const subscription = "/subscriptions/@{appsetting('WORKFLOWS_SUBSCRIPTION_ID')}";
  const group = `${subscription}/resourceGroups/@{appsetting('WORKFLOWS_RESOURCE_GROUP_NAME')}`;
  const managed = `${subscription}/providers/Microsoft.Web/locations/@{appsetting('WORKFLOWS_LOCATION_NAME')}/managedApis/${name}`;
  return {
    api: { id: name === "darkroom" ? `${group}/providers/Microsoft.Web/customApis/darkroom` : managed },
    connection: { id: `${group}/providers/Microsoft.Web/connections/${name}` },
    connectionRuntimeUrl: `@appsetting('${name}-ConnectionRuntimeUrl')`,
    authentication: { type: "ManagedServiceIdentity" },
  };
}

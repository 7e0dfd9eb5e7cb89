import { bodyParameterOf } from "../check/walk.ts";
import { isObject, type Json, type JsonObject, objectAt, textAt } from "../json.ts";
import { piecesOf } from "./expression.ts";
import { ownParameters, withCalls, withParameters, written } from "./rewrite.ts";
import { calledBy, segmentsOf, type Services } from "./services.ts";
import { connectionOf, type Step } from "./workflow.ts";

/**
 * The samples as Power Automate has them: a call names an operation and its parameters, fields of a body by their way, in
 * place of method and path. What is filled in at import are environment variables.
 */
export interface Flow {
  /** What stands in the flow's file. */
  file: JsonObject;
  /** The connections that it uses, by the names that samples have for them. */
  connections: string[];
  variables: EnvironmentVariable[];
}

export interface EnvironmentVariable {
  schemaName: string;
  displayName: string;
  initial: string | undefined;
}

export const prefix = "darkroom";
/** A connector as flows know it. That of an import gets a number behind its name. */
export const apiName = (connection: string): string => `shared_${connection}`;
export const referenceName = (connection: string): string => `${prefix}_shared${connection}`;

export function flowOf(name: string, definition: JsonObject, services: Services): Flow {
  const connections = new Set<string>();
  const variables = ownParameters(definition).map(({ name: parameter, initial }): EnvironmentVariable => ({
    schemaName: `${prefix}_${name.replaceAll("-", "_")}_${parameter}`,
    displayName: `${name}: ${parameter}`,
    initial: typeof initial === "string" ? initial : undefined,
  }));
  const parameterOf = new Map(
    ownParameters(definition).map(({ name: parameter }, at) => {
      const { displayName = "", schemaName = "" } = variables[at] ?? {};
      return [parameter, `${displayName} (${schemaName})`];
    }),
  );
  const called = withCalls(withResponses(definition), (step) => {
    connections.add(connectionOf(step) ?? "");
    return callOf(services, step);
  });
  const renamed = withParameters(called, (parameter) => parameterOf.get(parameter) ?? parameter);
  const parameters = {
    $connections: { defaultValue: {}, type: "Object" },
    $authentication: { defaultValue: {}, type: "SecureObject" },
    ...Object.fromEntries(
      variables.map(({ displayName, schemaName, initial }) => [
        `${displayName} (${schemaName})`,
        { defaultValue: initial ?? "", type: "String", metadata: { schemaName } },
      ]),
    ),
  };
  const references = [...connections].sort().map((connection) => [
    apiName(connection),
    {
      runtimeSource: "embedded",
      connection: { connectionReferenceLogicalName: referenceName(connection) },
      api: { name: apiName(connection) },
    },
  ]);
  return {
    file: {
      properties: {
        connectionReferences: Object.fromEntries(references) as JsonObject,
        definition: { ...(isObject(renamed) ? renamed : {}), parameters },
        templateName: "",
      },
      schemaVersion: "1.0.0.0",
    },
    connections: [...connections].sort(),
    variables,
  };
}

function callOf(services: Services, step: Step): JsonObject {
  const connection = connectionOf(step) ?? "";
  const { host: _host, method: _method, path, queries, body, ...inputs } = objectAt(step.node, "inputs");
  const called = calledBy(services, step);
  if (!called) throw new Error(`${step.name} calls no operation that is known`);
  const bodyParameter = bodyParameterOf(called.operation);
  return {
    ...step.node,
    type: step.type.replace("ApiConnection", "OpenApiConnection"),
    inputs: {
      host: {
        connectionName: apiName(connection),
        operationId: textAt(called.operation, "operationId") ?? "",
        apiId: `/providers/Microsoft.PowerApps/apis/${apiName(connection)}`,
      },
      parameters: {
        ...inPath(called.path, typeof path === "string" ? path : ""),
        ...(isObject(queries) ? queries : {}),
        ...(body === undefined || !bodyParameter
          ? {}
          : inBody(textAt(bodyParameter, "name") ?? "body", body)),
      },
      authentication: "@parameters('$authentication')",
      ...inputs,
    },
  };
}

/** The parameters of a path, each as what its encoding was made of: the engine encodes them by itself. */
function inPath(template: string, path: string): JsonObject {
  const given = segmentsOf(path);
  return Object.fromEntries(
    template.split("/").flatMap((segment, at): [string, Json][] => {
      const name = /^\{(.+)\}$/.exec(segment)?.[1];
      const expression = given[at]?.find((piece) => typeof piece !== "string");
      if (name === undefined || expression === undefined) return [];
      let inner = expression;
      while (inner.kind === "call" && inner.name === "encodeURIComponent" && inner.given[0])
        inner = inner.given[0];
      return [[name, inner.kind === "literal" ? inner.value : `@${written(inner)}`]];
    }),
  );
}

/** Fields of an object by their way, `body/prompt`. Where to call back is the engine's own business. */
function inBody(way: string, value: Json): JsonObject {
  if (!isObject(value)) return { [way]: value };
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, field]) =>
      isCallback(field) ? [] : Object.entries(inBody(`${way}/${name}`, field)),
    ),
  );
}

function isCallback(value: Json): boolean {
  return (
    typeof value === "string" &&
    piecesOf(value).some(
      (piece) => typeof piece !== "string" && piece.kind === "call" && piece.name === "listCallbackUrl",
    )
  );
}

/** An answer to a request says here which kind of answer it is. */
function withResponses(node: Json): Json {
  if (Array.isArray(node)) return node.map(withResponses);
  if (!isObject(node)) return node;
  const inner = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, withResponses(value)]));
  return node["type"] === "Response" ? { ...inner, kind: "Http" } : inner;
}

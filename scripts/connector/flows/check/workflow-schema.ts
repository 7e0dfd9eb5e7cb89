import { statuses } from "../workflow.ts";

/**
 * The part of the workflow definition language that the samples speak, as a JSON schema of our own. What isn't listed is a
 * slip until somebody has looked it up and added it.
 */
const text = { type: "string", minLength: 1 };
const only = (properties: object, required: string[] = []) => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});
const map = (values: object, names: object = { pattern: "^[A-Za-z0-9_]{1,80}$" }) => ({
  type: "object",
  propertyNames: names,
  additionalProperties: values,
});
const ref = (name: string) => ({ $ref: `#/definitions/${name}` });
const expression = { type: "string", pattern: "^@" };

const host = only({ connection: only({ name: text }, ["name"]) }, ["connection"]);
const called = {
  host,
  path: { type: "string", pattern: "^/" },
  queries: { type: "object" },
  headers: { type: "object" },
  body: {},
  retryPolicy: ref("retryPolicy"),
};
const recurrence = only(
  {
    frequency: { enum: ["Second", "Minute", "Hour", "Day", "Week", "Month"] },
    interval: { type: "integer", minimum: 1 },
    timeZone: text,
    schedule: only({
      weekDays: { type: "array", items: { type: "string", pattern: "day$" } },
      hours: { type: "array", items: { type: "string", pattern: "^(1?\\d|2[0-3])$" } },
      minutes: { type: "array", items: { type: "integer", minimum: 0, maximum: 59 } },
    }),
  },
  ["frequency", "interval"],
);

const inputsOf: Record<string, object> = {
  ApiConnection: only({ ...called, method: { enum: ["get", "post", "put", "patch", "delete"] } }, [
    "host",
    "method",
    "path",
  ]),
  ApiConnectionWebhook: only(called, ["host", "path", "body"]),
  Compose: {},
  Response: only(
    { statusCode: { type: "integer", minimum: 200, maximum: 599 }, headers: { type: "object" }, body: {} },
    ["statusCode"],
  ),
  InitializeVariable: only(
    {
      variables: {
        type: "array",
        minItems: 1,
        maxItems: 1,
        items: only(
          {
            name: text,
            type: { enum: ["array", "boolean", "float", "integer", "object", "string"] },
            value: {},
          },
          ["name", "type"],
        ),
      },
    },
    ["variables"],
  ),
  AppendToArrayVariable: only({ name: text, value: {} }, ["name", "value"]),
  Table: only(
    {
      from: expression,
      format: { enum: ["HTML", "CSV"] },
      columns: { type: "array", items: only({ header: text, value: {} }, ["header", "value"]) },
    },
    ["from", "format"],
  ),
};

const common = {
  type: text,
  kind: text,
  description: text,
  runAfter: map({ type: "array", items: { enum: statuses }, minItems: 1, uniqueItems: true }),
};
const calls = {
  limit: only({ timeout: text }, ["timeout"]),
  runtimeConfiguration: only({
    secureData: only(
      {
        properties: {
          type: "array",
          items: { enum: ["inputs", "outputs"] },
          minItems: 1,
          uniqueItems: true,
        },
      },
      ["properties"],
    ),
  }),
  operationOptions: { enum: ["Asynchronous", "DisableAsyncPattern", "SuppressWorkflowHeaders"] },
};
const branch = only({ actions: ref("actions") }, ["actions"]);

const containers: Record<string, object> = {
  Scope: only({ ...common, actions: ref("actions") }, ["type", "runAfter", "actions"]),
  Foreach: only(
    {
      ...common,
      foreach: expression,
      actions: ref("actions"),
      runtimeConfiguration: only({ concurrency: ref("repetitions") }, ["concurrency"]),
    },
    ["type", "runAfter", "foreach", "actions"],
  ),
  If: only({ ...common, expression: ref("condition"), actions: ref("actions"), else: branch }, [
    "type",
    "runAfter",
    "expression",
    "actions",
  ]),
  Switch: only(
    {
      ...common,
      expression,
      cases: map(
        only({ case: { type: ["string", "integer"] }, actions: ref("actions") }, ["case", "actions"]),
      ),
      default: branch,
    },
    ["type", "runAfter", "expression", "cases"],
  ),
};

/** Types of actions that a definition may have. */
export const actionTypes = [...Object.keys(inputsOf), ...Object.keys(containers)];

const simple = Object.fromEntries(
  Object.entries(inputsOf).map(([type, inputs]) => [
    type,
    only({ ...common, ...calls, inputs }, ["type", "runAfter", "inputs"]),
  ]),
);

const triggerCommon = {
  type: text,
  recurrence,
  splitOn: expression,
  runtimeConfiguration: only({
    concurrency: only({ runs: { type: "integer", minimum: 1, maximum: 100 } }, ["runs"]),
  }),
};
const triggers: Record<string, object> = {
  Recurrence: only(triggerCommon, ["type", "recurrence"]),
  Request: only(
    { type: text, kind: { const: "Http" }, inputs: only({ schema: { type: "object" } }, ["schema"]) },
    ["type", "kind", "inputs"],
  ),
  ApiConnection: only({ ...triggerCommon, inputs: inputsOf["ApiConnection"] }, [
    "type",
    "recurrence",
    "inputs",
  ]),
  ApiConnectionWebhook: only({ ...triggerCommon, inputs: inputsOf["ApiConnectionWebhook"] }, [
    "type",
    "inputs",
  ]),
};

/** Each as its type asks; a type that is none is told by name elsewhere. */
const byType = (shapes: Record<string, object>) => ({
  type: "object",
  required: ["type"],
  allOf: Object.entries(shapes).map(([type, shape]) => ({
    if: { properties: { type: { const: type } } },
    then: shape,
  })),
});

const address =
  "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#";

export const workflowSchema = {
  $schema: "http://json-schema.org/draft-07/schema#",
  ...only(
    {
      $schema: { const: address },
      contentVersion: { type: "string", pattern: "^\\d+(\\.\\d+){3}$" },
      description: text,
      parameters: {
        ...map(
          only(
            {
              type: { enum: ["String", "Int", "Bool", "Array", "Object", "SecureString"] },
              defaultValue: {},
            },
            ["type"],
          ),
          { pattern: "^(\\$connections|[A-Za-z0-9]+)$" },
        ),
        required: ["$connections"],
      },
      triggers: { ...map(byType(triggers)), minProperties: 1, maxProperties: 1 },
      actions: ref("actions"),
      outputs: { type: "object", maxProperties: 0 },
    },
    ["$schema", "contentVersion", "parameters", "triggers", "actions"],
  ),
  definitions: {
    actions: map(byType({ ...simple, ...containers })),
    repetitions: only({ repetitions: { type: "integer", minimum: 1, maximum: 50 } }, ["repetitions"]),
    condition: {
      ...map({ type: "array", minItems: 1 }, { enum: ["and", "or"] }),
      minProperties: 1,
      maxProperties: 1,
    },
    retryPolicy: {
      type: "object",
      required: ["type"],
      oneOf: [
        only({ type: { const: "none" } }),
        only({ type: { const: "fixed" }, count: ref("count"), interval: text }, ["count", "interval"]),
        only(
          {
            type: { const: "exponential" },
            count: ref("count"),
            interval: text,
            minimumInterval: text,
            maximumInterval: text,
          },
          ["count", "interval"],
        ),
      ],
    },
    count: { type: "integer", minimum: 1, maximum: 90 },
  },
};

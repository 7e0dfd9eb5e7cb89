import { map, only, ref, text } from "../../check/schema-words.ts";
import { statuses } from "../workflow.ts";

export const expression = { type: "string", pattern: "^@" };

/** Names of steps: those that fit into the addresses of runs. */
export const steps = (values: object) => map(values, { pattern: "^[A-Za-z0-9_]{1,80}$" });

const host = only({ connection: only({ name: text }, ["name"]) }, ["connection"]);
const called = {
  host,
  path: { type: "string", pattern: "^/" },
  queries: { type: "object" },
  headers: { type: "object" },
  body: {},
  retryPolicy: ref("retryPolicy"),
};
/** What each type of action takes as its inputs. */
export const inputsOf: Record<string, object> = {
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
  runAfter: steps({ type: "array", items: { enum: statuses }, minItems: 1, uniqueItems: true }),
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
      cases: steps(
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

/** Each type of action, whole. */
export const actionShapes = { ...simple, ...containers };

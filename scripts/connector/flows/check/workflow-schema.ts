import { map, only, ref, text } from "../../check/schema-words.ts";
import { actionShapes, expression, inputsOf, steps } from "./action-schema.ts";

/**
 * The part of the workflow definition language that the samples speak, as a JSON schema of our own. What isn't listed is a
 * slip until somebody has looked it up and added it.
 */
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
      triggers: { ...steps(byType(triggers)), minProperties: 1, maxProperties: 1 },
      actions: ref("actions"),
      outputs: { type: "object", maxProperties: 0 },
    },
    ["$schema", "contentVersion", "parameters", "triggers", "actions"],
  ),
  definitions: {
    actions: steps(byType(actionShapes)),
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

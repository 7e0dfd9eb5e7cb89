import { resolveShape, type Shape } from "../../scripts/infra/shapes.ts";
import type { Facts } from "../../scripts/infra/facts/types.ts";
import { asJson, type Json } from "../../scripts/infra/evaluate/values.ts";

/** Small trees of templates, for tests that are about the checks and not about our templates. */
export const sampleFacts: Facts = {
  modules: {
    "br/public:avm/res/x/thing:1.0.0": {
      parameters: {
        fields: {
          "name!": "string",
          size: { among: ["S", "M"] },
          parts: { list: { fields: { "name!": "string", kind: { use: "kind" } } } },
          shape: { by: "type", cases: { round: { fields: { "type!": "string", radius: "number" } } } },
        },
      },
      outputs: ["name", "resourceId"],
      shapes: { kind: { among: ["a", "b"] } },
    },
  },
  resources: {
    "Microsoft.X/things@2025-01-01": {
      body: {
        fields: {
          "name!": "string",
          location: "string",
          properties: { fields: { tier: { among: ["One", "Two"] } } },
        },
      },
      shapes: {},
    },
  },
};

/** A tree with `main.bicep` for a subscription, its modules, and whatever else is named. */
export function sampleTree(main: string, others: Record<string, string> = {}): Map<string, string> {
  const texts = { "infra/main.bicep": `targetScope = 'subscription'\n${main}`, ...others };
  return new Map(Object.entries(texts));
}

export function resolved(main: string, others?: Record<string, string>): Shape {
  return resolveShape(sampleTree(main, others), sampleFacts, "sample", {});
}

/** What `expression` comes to, as an output of a template. */
export function valueOf(expression: string, before = "", others?: Record<string, string>): Json {
  const { outputs, faults } = resolved(`${before}\noutput it object = ${expression}\n`, others);
  if (faults[0]) throw new Error(faults[0].message);
  return asJson(outputs["it"] ?? null);
}

import type { ModelParametersReply } from "./contracts/schemas.ts";
import { modelParameters } from "./contracts/choices.ts";
import type { ModelCapability } from "../domain/model-catalogue.ts";

type Name = keyof typeof modelParameters.shape;

const lists = {
  size: "sizes",
  quality: "qualities",
  style: "styles",
  background: "backgrounds",
  moderation: "moderations",
  outputFormat: "outputFormats",
  inputFidelity: "inputFidelities",
} as const satisfies Partial<Record<Name, keyof ModelCapability>>;

/** A model's parameters as a schema of OpenAPI 2.0: what it doesn't know is left out, lists hold what it takes. */
export function parametersOf(capability: ModelCapability | undefined): ModelParametersReply {
  const properties = capability
    ? Object.fromEntries(
        (Object.keys(modelParameters.shape) as Name[]).flatMap((name) => {
          const field = fieldOf(name, capability);
          return field ? [[name, field]] : [];
        }),
      )
    : {};
  return { schema: { type: "object", properties } };
}

function fieldOf(name: Name, capability: ModelCapability): Record<string, unknown> | undefined {
  const shown = modelParameters.shape[name].meta() ?? {};
  switch (name) {
    case "outputCompression":
      return takesFormats(capability) ? { type: "integer", minimum: 0, maximum: 100, ...shown } : undefined;
    case "promptMode":
      return capability.rewritesPrompt || !capability.described ? { type: "string", ...shown } : undefined;
    default: {
      if (!capability.described) return { type: "string", ...shown };
      const values = capability[lists[name]];
      return values && { type: "string", ...shown, ...choicesOf(values, shown) };
    }
  }
}

function takesFormats({ outputFormats, described }: ModelCapability): boolean {
  return outputFormats !== undefined || !described;
}

/** The model's own values, by the words that the definition has for them. */
function choicesOf(values: readonly string[], shown: Record<string, unknown>): Record<string, unknown> {
  const named = (shown["x-ms-enum-values"] ?? []) as { value: string; displayName: string }[];
  const words = new Map(named.map(({ value, displayName }) => [value, displayName]));
  return {
    enum: [...values],
    "x-ms-enum-values": values.map((value) => ({ value, displayName: words.get(value) ?? value })),
  };
}

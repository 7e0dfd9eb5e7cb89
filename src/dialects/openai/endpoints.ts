import type { Endpoint } from "../../functions/endpoint.ts";
import { pictureGet } from "../picture-get.ts";
import { type GenerationDeps, imagesGenerate } from "./generations.ts";
import { modelsGet, modelsList } from "./models.ts";

/** OpenAI's own base, and the one of Azure's v1 API, whose clients name deployments. */
const bases = [
  { base: "v1", name: "v1", first: "model" },
  { base: "openai/v1", name: "openai-v1", first: "deployment" },
] as const;

/** What OpenAI's clients call, at both bases. */
export function openAiEndpoints(deps: GenerationDeps): Endpoint[] {
  return [
    pictureGet(deps),
    ...bases.flatMap((surface) => [
      imagesGenerate(deps, surface),
      modelsList(deps, surface.base, surface.name),
      modelsGet(deps, surface.base, surface.name),
    ]),
  ];
}

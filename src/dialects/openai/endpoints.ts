import type { Endpoint } from "../../http/endpoint.ts";
import { pictureGet } from "../picture-get.ts";
import type { Surface } from "../surface.ts";
import { type EditDeps, imagesEdit, imagesVary } from "./edits.ts";
import { openAiErrors } from "./errors.ts";
import { imagesGenerate } from "./generations.ts";
import { modelsGet, modelsList } from "./models.ts";

/** OpenAI's own base, and the one of Azure's v1 API, whose clients name deployments. */
const surfaces: Surface[] = [
  { base: "v1", name: "v1", first: "model", errors: openAiErrors, showsFilters: false },
  { base: "openai/v1", name: "openai-v1", first: "deployment", errors: openAiErrors, showsFilters: true },
];

/** What OpenAI's clients call, at both bases. */
export function openAiEndpoints(deps: EditDeps): Endpoint[] {
  return [
    pictureGet(deps),
    ...surfaces.flatMap((surface) => [
      imagesGenerate(deps, surface),
      imagesEdit(deps, surface),
      imagesVary(deps, surface),
      modelsList(deps, surface),
      modelsGet(deps, surface),
    ]),
  ];
}

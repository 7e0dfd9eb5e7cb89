import type { Endpoint } from "../../http/endpoint.ts";
import { type EditDeps, imagesEdit } from "../openai/edits.ts";
import { imagesGenerate } from "../openai/generations.ts";
import type { Surface } from "../surface.ts";
import { azureErrorCode, azureErrors } from "./errors.ts";
import { type OperationDeps, operationEndpoints, submitOperation } from "./operations.ts";

/** A deployment in the path, which Azure's clients put there; without one, the body's `model` names it. */
const surfaces: Surface[] = [
  {
    base: "openai/deployments/{deployment}",
    name: "azure-deployments",
    first: "deployment",
    errors: azureErrors,
    showsFilters: true,
  },
  { base: "openai", name: "azure", first: "deployment", errors: azureErrors, showsFilters: true },
];

/** What Azure's clients call, whose endpoint is the app's own address. */
export function azureEndpoints(deps: EditDeps & OperationDeps): Endpoint[] {
  const endpoints = [
    ...surfaces.flatMap((surface) => [imagesGenerate(deps, surface), imagesEdit(deps, surface)]),
    submitOperation(deps),
    ...operationEndpoints(deps),
  ];
  return endpoints.map((endpoint) => ({
    ...endpoint,
    errorHeaders: (failure) => {
      const code = azureErrorCode(failure);
      return code === undefined ? {} : { "x-ms-error-code": code };
    },
  }));
}

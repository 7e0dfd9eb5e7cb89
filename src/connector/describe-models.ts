import type { ModelList } from "./contracts/choice-schemas.ts";
import type { ResolvedDeployment } from "../domain/deployment.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import { deploymentsFor } from "./model-parameters.ts";

/** What each deployment can do, in plain facts: for people who choose one, and for agents. */
export function describeModels(offers: readonly ResolvedDeployment[]): ModelList["value"] {
  return deploymentsFor(offers, undefined).map(({ deployment: { name, model }, capability }) =>
    withoutAbsent({
      deployment: name,
      model,
      canEdit: capability.edits !== undefined,
      maxImages: capability.imagesPerJob,
      promptLimit: capability.promptLimit,
      sizes: textOf(capability.sizes),
      qualities: textOf(capability.qualities),
      styles: textOf(capability.styles),
      backgrounds: textOf(capability.backgrounds),
      outputFormats: textOf(capability.outputFormats),
      maxInputImages: capability.edits?.maxImages,
    }),
  );
}

function textOf(values: readonly string[] | undefined): string | undefined {
  return values && values.length > 0 ? values.join(", ") : undefined;
}

import type { ModelList } from "../contracts/http-api.ts";
import { namesOf, type ResolvedDeployment } from "../domain/deployment.ts";
import { describeSizeRule } from "../domain/image-size.ts";
import type { EditLimits, ModelCapability } from "../domain/model-catalogue.ts";
import { convertibleTypes, type ImageKind, mediaTypes } from "../domain/image-format/media-type.ts";
import { type Price, toUnits } from "../domain/quota/prices.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { respondJson } from "../http/respond.ts";

interface Published {
  offers: readonly ResolvedDeployment[];
  prices: readonly Price[];
}

/** What can be asked for here, and where it would run. */
export const modelsGet = ({ offers, prices }: Published): Endpoint => ({
  name: "models-get",
  method: "GET",
  route: "api/models",
  access: "caller",
  handle: () => respondJson(200, listModels({ offers, prices })),
});

function listModels({ offers, prices }: Published): ModelList {
  const models = [...new Set(offers.map((offer) => namesOf(offer).model))];
  return {
    models: models.flatMap((model) => {
      const serving = offers.filter((offer) => namesOf(offer).model === model);
      const [first] = serving;
      return first
        ? [
            describe(
              first,
              serving.map(({ deployment }) => deployment.name),
              prices.filter((price) => price.model === model),
            ),
          ]
        : [];
    }),
  };
}

function describe(
  { capability, alias, deployment }: ResolvedDeployment,
  deployments: string[],
  prices: readonly Price[],
): ModelList["models"][number] {
  const { sizeRule, defaults } = capability;
  const copy = (list: readonly string[] | undefined) => list && [...list];
  return withoutAbsent({
    model: capability.model,
    runs_on: alias && deployment.model,
    deployments,
    protocol: capability.protocol,
    prompt_limit: capability.promptLimit,
    max_images: capability.imagesPerJob,
    sizes: sizeRule ? [...capability.sizes, describeSizeRule(sizeRule)] : [...capability.sizes],
    qualities: copy(capability.qualities),
    styles: copy(capability.styles),
    backgrounds: copy(capability.backgrounds),
    moderations: copy(capability.moderations),
    output_formats: copy(capability.outputFormats),
    response_formats: copy(capability.responseFormats),
    input_fidelities: copy(capability.inputFidelities),
    parameters: capability.parameters && describeParameters(capability.parameters),
    edits: capability.edits !== undefined,
    edit_limits: capability.edits && describeEdits(capability.edits),
    streaming: capability.streaming,
    prices: prices.length === 0 ? undefined : prices.map(describePrice),
    defaults: withoutAbsent({
      size: defaults.size,
      quality: defaults.quality,
      style: defaults.style,
      output_format: defaults.outputFormat,
    }),
  });
}

function describePrice({ size, quality, currency, perImage, perMillionTokens }: Price) {
  const tokens = perMillionTokens && {
    input: toUnits(perMillionTokens.input),
    output: toUnits(perMillionTokens.output),
  };
  return withoutAbsent({
    size,
    quality,
    currency,
    per_million_tokens: tokens,
    per_image: perImage === undefined ? undefined : toUnits(perImage),
  });
}

function describeEdits({ inputKinds, maxImages, imageBytes, maskBytes, defaultSize }: EditLimits) {
  return {
    images: maxImages,
    input_types: inputKinds.map((kind) => mediaTypes[kind]),
    converted_types: convertedTypes(inputKinds),
    image_bytes: imageBytes,
    mask_bytes: maskBytes,
    default_size: defaultSize,
  };
}

function describeParameters(parameters: NonNullable<ModelCapability["parameters"]>) {
  return Object.fromEntries(Object.entries(parameters).map(([name, rule]) => [name, { ...rule }]));
}

function convertedTypes(taken: readonly ImageKind[]): string[] {
  const types = taken.map((kind): string => mediaTypes[kind]);
  const all = new Set<string>([...Object.values(mediaTypes), ...Object.values(convertibleTypes)]);
  return [...all].filter((type) => !types.includes(type));
}

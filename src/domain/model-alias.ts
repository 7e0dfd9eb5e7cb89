import type { ResolvedDeployment } from "./deployment.ts";
import {
  applyDefaults,
  type ImageRequest,
  type ImageParams,
  type PromptStyle,
  type RequestedModel,
} from "./image-request.ts";
import { type Dimensions, fitsSizeRule, fitToSizeRule, parseSize } from "./image-size.ts";
import type { ModelCapability } from "./model-catalogue.ts";
import { withoutAbsent } from "./without-absent.ts";

/** A name that callers still use, mostly a retired model's, and what runs when they do. */
export interface Alias {
  name: string;
  /** What the deployment's own model takes, to which requests are mapped. */
  capability: ModelCapability;
  /** Values that callers of the name use; undefined where nothing is known of it. */
  persona: ModelCapability | undefined;
}

/**
 * The offer under which a living deployment is chosen by a retired name. It takes what its model takes, and the values of
 * all the models that it stands in for: anyone who mixes them up means the same picture.
 */
export function aliasOffer(
  name: string,
  persona: ModelCapability | undefined,
  { deployment, capability }: ResolvedDeployment,
  personas: readonly ModelCapability[],
): ResolvedDeployment {
  const union = (list: "sizes" | "qualities" | "styles" | "responseFormats") => {
    const values = new Set([capability, ...personas].flatMap((model) => model[list] ?? []));
    return values.size > 0 ? [...values] : undefined;
  };
  const widened = withoutAbsent({
    ...capability,
    model: name,
    sizes: union("sizes") ?? [],
    qualities: union("qualities"),
    styles: union("styles"),
    // Whose callers know no choice get what their model gave.
    responseFormats: persona?.responseFormats,
  });
  return { deployment, capability: widened, alias: { name, capability, persona } };
}

export interface Adapted<W> {
  /** In the values of the model that runs it. */
  params: W;
  /** What was asked where that is something else. */
  requested?: RequestedModel;
}

/** Maps a params that came under an alias to what its deployment's model takes. One that names no alias stays as it is. */
export function adaptParams<W extends ImageParams>(
  params: W,
  { alias }: Pick<ResolvedDeployment, "alias">,
): Adapted<W> {
  if (!alias) return { params };
  const { capability, persona } = alias;
  const size = params.size === undefined ? undefined : nearestSize(params.size, capability);
  const asked =
    params.quality ?? persona?.defaults.quality ?? (persona?.model === "dall-e-2" ? "standard" : undefined);
  const quality = asked === undefined ? undefined : nearestQuality(asked, capability);
  const style = capability.styles ? undefined : styleOf(params.style);
  const format = capability.responseFormats ? undefined : params.response_format;
  const mapped = { size, quality, prompt_style: style };
  const requested = withoutAbsent({
    model: alias.name,
    size: size === params.size ? undefined : params.size,
    quality: quality === params.quality ? undefined : params.quality,
    style,
    response_format: format,
  });
  const left = {
    ...(style && { style: undefined }),
    ...(format !== undefined && { response_format: undefined }),
  };
  return { params: { ...params, ...mapped, ...left }, requested };
}

/** What a job records of a params: what is asked of the model that runs it, and what was asked of one that it stands in for. */
export interface Recorded {
  request: ImageRequest;
  requested?: RequestedModel;
}

/** What a job records of a generation that runs at an offer. */
export function toGenerationRequest(params: ImageParams, offer: ResolvedDeployment): Recorded {
  const { params: adapted, requested } = adaptParams(params, offer);
  const { capability } = offer.alias ?? offer;
  return withoutAbsent({ request: applyDefaults(adapted, capability), requested });
}

/** Undefined where the model has no counterpart: its own default is sent. */
function nearestQuality(quality: string, { qualities = [] }: ModelCapability): string | undefined {
  const counterparts: Record<string, string> = { standard: "medium", hd: "high" };
  return [quality, counterparts[quality]].find((name) => name !== undefined && qualities.includes(name));
}

function styleOf(style: string | undefined): PromptStyle | undefined {
  return style === "vivid" || style === "natural" ? style : undefined;
}

/** The size itself where the model takes it; else the one that is nearest in shape, and then in area. */
export function nearestSize(size: string, { sizes, sizeRule, described }: ModelCapability): string {
  const wanted = parseSize(size);
  if (!described || !wanted || sizes.includes(size)) return size;
  if (sizeRule) {
    const { width, height } = fitsSizeRule(wanted, sizeRule) ? wanted : fitToSizeRule(wanted, sizeRule);
    return `${width}x${height}`;
  }
  const listed = sizes.flatMap((name) => {
    const dimensions = parseSize(name);
    return dimensions ? [{ name, ...dimensions }] : [];
  });
  const [nearest] = listed.sort((one, other) => farness(one, wanted) - farness(other, wanted));
  return nearest?.name ?? size;
}

// More than any difference in area.
const shapeWeight = 1_000;

function farness(one: Dimensions, other: Dimensions): number {
  const shape = Math.abs(Math.log(one.width / one.height / (other.width / other.height)));
  const area = Math.abs(Math.log((one.width * one.height) / (other.width * other.height)));
  return shapeWeight * shape + area;
}

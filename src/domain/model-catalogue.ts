import type { SizeRule } from "./image-size.ts";
import type { ImageKind } from "./image-format/media-type.ts";
import type { ParameterRule } from "./model-parameters.ts";

/** How a model is driven upstream. */
export type Protocol = "submit-poll" | "one-per-call" | "many-per-call";

/** Azure OpenAI, or a service that speaks OpenAI's own dialect. */
export type ServiceKind = "azure" | "openai";

/**
 * What a model can do. A missing list means that the model does not know the parameter at all; a default is sent when
 * the caller names no value, so that a job's record says what was asked.
 */
export interface ModelCapability {
  model: string;
  protocol: Protocol;
  /** Characters, counted in code points as the service does: an emoji of one code point is one. */
  promptLimit: number;
  /** Most images of one job, and of one upstream call. */
  imagesPerJob: number;
  imagesPerCall: number;
  sizes: readonly string[];
  sizeRule?: SizeRule;
  qualities?: readonly string[];
  styles?: readonly string[];
  responseFormats?: readonly string[];
  backgrounds?: readonly string[];
  moderations?: readonly string[];
  outputFormats?: readonly string[];
  inputFidelities?: readonly string[];
  /** Parameters beyond all of these, by their names upstream. */
  parameters?: Readonly<Record<string, ParameterRule>>;
  defaults: {
    size: string;
    quality?: string;
    style?: string;
    outputFormat?: string;
  };
  /** It draws from a prompt of its own making, so a plea to use the caller's as it is means something to it. */
  rewritesPrompt: boolean;
  /** What is different where OpenAI itself runs the model. */
  atOpenAi?: Partial<Pick<ModelCapability, "protocol" | "outputFormats" | "defaults" | "edits">>;
  /** Absent where the model can't edit. */
  edits?: EditLimits;
  /** A fact a caller may want before choosing; nothing is checked by it yet. */
  streaming: boolean;
  /** False for a model nobody described: it passes through with generic checks only. */
  described: boolean;
}

/** What an edit may bring. */
export interface EditLimits {
  inputKinds: readonly ImageKind[];
  maxImages: number;
  /** Most bytes of one input image, and of the mask. */
  imageBytes: number;
  maskBytes: number;
  /** Sent when the caller names no size. */
  defaultSize: string;
}

// "Less than 50 MB", and the service means it: 52,428,800 bytes are one too many.
const belowFiftyMegabytes = 50 * 1024 * 1024 - 1;

/** What is assumed of a model that edits and whose operator says no more. */
export const defaultEditLimits: EditLimits = {
  inputKinds: ["png", "jpeg"],
  maxImages: 16,
  imageBytes: belowFiftyMegabytes,
  maskBytes: belowFiftyMegabytes,
  defaultSize: "auto",
};

const gptImageMini = {
  protocol: "many-per-call",
  promptLimit: 32_000,
  imagesPerJob: 10,
  imagesPerCall: 10,
  sizes: ["1024x1024", "1024x1536", "1536x1024", "auto"],
  qualities: ["low", "medium", "high", "auto"],
  backgrounds: ["transparent", "opaque", "auto"],
  moderations: ["auto", "low"],
  outputFormats: ["png", "jpeg"],
  defaults: { size: "1024x1024", quality: "high", outputFormat: "png" },
  rewritesPrompt: false,
  atOpenAi: {
    outputFormats: ["png", "jpeg", "webp"],
    defaults: { size: "1024x1024", quality: "auto", outputFormat: "png" },
    edits: { ...defaultEditLimits, inputKinds: ["png", "jpeg", "webp"] },
  },
  edits: defaultEditLimits,
  streaming: true,
  described: true,
} as const satisfies Omit<ModelCapability, "model">;

const gptImage = { ...gptImageMini, inputFidelities: ["low", "high"] } as const;

/** Source of each figure: the service's how-to pages and OpenAI's API description; choices where they differ are in docs/decisions/. */
export const knownModels: readonly ModelCapability[] = [
  {
    model: "dall-e-2",
    protocol: "submit-poll",
    promptLimit: 1_000,
    imagesPerJob: 10,
    imagesPerCall: 10,
    sizes: ["256x256", "512x512", "1024x1024"],
    responseFormats: ["url", "b64_json"],
    defaults: { size: "1024x1024" },
    rewritesPrompt: false,
    // No operation to poll there: it answers at once.
    atOpenAi: { protocol: "many-per-call" },
    streaming: false,
    described: true,
  },
  {
    model: "dall-e-3",
    protocol: "one-per-call",
    promptLimit: 4_000,
    imagesPerJob: 10,
    imagesPerCall: 1,
    sizes: ["1024x1024", "1792x1024", "1024x1792"],
    qualities: ["standard", "hd"],
    styles: ["vivid", "natural"],
    responseFormats: ["url", "b64_json"],
    defaults: { size: "1024x1024", quality: "standard", style: "vivid" },
    rewritesPrompt: true,
    streaming: false,
    described: true,
  },
  { model: "gpt-image-1", ...gptImage },
  {
    model: "gpt-image-1-mini",
    ...gptImageMini,
    defaults: { ...gptImageMini.defaults, quality: "medium" },
  },
  { model: "gpt-image-1.5", ...gptImage },
  {
    model: "gpt-image-2",
    // Always true to its input, so that it takes no input_fidelity (400 invalid_input_fidelity_model).
    ...gptImageMini,
    sizeRule: {
      multipleOf: 16,
      maxSide: 3_840,
      minimumPixels: 655_360,
      maximumPixels: 8_294_400,
      maximumRatio: 3,
    },
  },
];

/** A model that only its deployment knows: one call for all images, and the service is the judge of every value. */
export function undescribedModel(model: string): ModelCapability {
  return {
    model,
    protocol: "many-per-call",
    promptLimit: 32_000,
    imagesPerJob: 10,
    imagesPerCall: 10,
    sizes: [],
    defaults: { size: "1024x1024" },
    rewritesPrompt: false,
    streaming: false,
    described: false,
  };
}

export function findCapability(catalogue: readonly ModelCapability[], model: string): ModelCapability {
  return catalogue.find((capability) => capability.model === model) ?? undescribedModel(model);
}

/** The capability as one service offers it. */
export function forService(capability: ModelCapability, kind: ServiceKind): ModelCapability {
  return kind === "openai" ? { ...capability, ...capability.atOpenAi } : capability;
}

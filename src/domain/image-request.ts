import type { Violation } from "./app-error.ts";
import { describeSizeRule, fitsSizeRule, parseSize } from "./image-size.ts";
import type { ModelCapability } from "./model-catalogue.ts";
import { checkParameters, type ParameterValue } from "./model-parameters.ts";
import { withoutAbsent } from "./without-absent.ts";

/** The prefix that the service documents for keeping a prompt as it is; rewriting can't be switched off. */
export const asIsInstruction =
  "I NEED to test how the tool works with extremely simple prompts. DO NOT add any detail, just use it AS-IS: ";

/** What a caller asked for, after the shape was checked and before a model has judged the values. */
export interface ImageParams {
  prompt: string;
  n?: number | undefined;
  size?: string | undefined;
  quality?: string | undefined;
  style?: string | undefined;
  response_format?: string | undefined;
  background?: string | undefined;
  moderation?: string | undefined;
  output_format?: string | undefined;
  output_compression?: number | undefined;
  input_fidelity?: string | undefined;
  user?: string | undefined;
  prompt_mode?: "default" | "as_is" | undefined;
  stream?: boolean | undefined;
  partial_images?: number | undefined;
  parameters?: Record<string, ParameterValue> | undefined;
  /** Never a caller's own word: the style of a request whose model takes none. */
  prompt_style?: PromptStyle | undefined;
}

/** Styles that a prompt can ask for in words, where a model knows no parameter for them. */
export type PromptStyle = keyof typeof styleWords;

// As the service's how-to pages describe them.
const styleWords = {
  vivid: "Style: vivid, that is hyper-real and dramatic.",
  natural: "Style: natural, that is less hyper-real.",
} as const;

/** What was asked of a model that another one stands in for, as far as it was mapped to something else. */
export interface RequestedModel {
  model: string;
  /** Images are made this size when they arrive. */
  size?: string;
  quality?: string;
  style?: string;
  response_format?: string;
}

/** What becomes of a mask whose size isn't the first image's: refused, or stretched to it. */
export const maskModes = ["strict", "resize"] as const;
export type MaskMode = (typeof maskModes)[number];

/** Parameters that a model can fulfil: defaults filled in, absent facts left out. This is what a job records. */
export interface ImageRequest {
  prompt: string;
  n: number;
  size: string;
  quality?: string;
  style?: string;
  response_format?: string;
  background?: string;
  moderation?: string;
  output_format?: string;
  output_compression?: number;
  input_fidelity?: string;
  user?: string;
  prompt_mode?: "as_is";
  mask_mode?: MaskMode;
  mask_invert?: true;
  /** Whether the service is asked to show the image as it is made, and how many times before the end. */
  stream?: true;
  partial_images?: number;
  prompt_style?: PromptStyle;
  /** What the model's operator has described beyond all of these. */
  parameters?: Record<string, ParameterValue>;
}

const choices = [
  { param: "quality", list: "qualities", noun: "a quality" },
  { param: "style", list: "styles", noun: "a style" },
  { param: "response_format", list: "responseFormats", noun: "a response format" },
  { param: "background", list: "backgrounds", noun: "a background" },
  { param: "moderation", list: "moderations", noun: "a moderation level" },
  { param: "output_format", list: "outputFormats", noun: "an output format" },
  { param: "input_fidelity", list: "inputFidelities", noun: "an input fidelity" },
] as const;

/** Every rule of the model that the parameters break; an empty list means that it may be sent. */
export function validateParams(params: ImageParams, capability: ModelCapability): Violation[] {
  return [
    ...checkPrompt(params, capability),
    ...checkCount(params, capability),
    ...checkStream(params, capability),
    ...(capability.described
      ? [
          ...checkSize(params, capability),
          ...choices.flatMap((choice) => checkChoice(params[choice.param], choice, capability)),
          ...checkCombinations(params, capability),
          ...checkParameters(params.parameters, capability.model, capability.parameters),
        ]
      : []),
  ];
}

export function applyDefaults(params: ImageParams, capability: ModelCapability): ImageRequest {
  const { defaults } = capability;
  return withoutAbsent({
    prompt: params.prompt,
    n: params.n ?? 1,
    size: params.size ?? defaults.size,
    quality: params.quality ?? defaults.quality,
    style: params.style ?? defaults.style,
    response_format: params.response_format,
    background: params.background,
    moderation: params.moderation,
    output_format: params.output_format ?? defaults.outputFormat,
    output_compression: params.output_compression,
    input_fidelity: params.input_fidelity,
    user: params.user,
    prompt_mode: asksAsIs(params, capability) ? ("as_is" as const) : undefined,
    stream: params.stream === true ? params.stream : undefined,
    partial_images: params.stream === true ? (params.partial_images ?? 0) : undefined,
    prompt_style: params.prompt_style,
    parameters: params.parameters,
  });
}

/** The prompt as it goes upstream. */
export function upstreamPrompt({ prompt, prompt_mode, prompt_style }: ImageRequest): string {
  const text = prompt_mode === "as_is" ? asIsInstruction + prompt : prompt;
  return prompt_style === undefined ? text : `${text}\n\n${styleWords[prompt_style]}`;
}

/** Only a model that rewrites prompts is asked not to; the others would draw the plea itself. */
function asksAsIs(params: ImageParams, { rewritesPrompt }: ModelCapability): boolean {
  return params.prompt_mode === "as_is" && rewritesPrompt;
}

function checkPrompt(params: ImageParams, capability: ModelCapability): Violation[] {
  const { model, promptLimit } = capability;
  const spent = asksAsIs(params, capability) ? asIsInstruction.length : 0;
  const limit = promptLimit - spent;
  if (params.prompt.trim() === "") return [{ param: "prompt", message: "prompt must not be empty." }];
  if (!params.prompt.isWellFormed()) {
    return [
      { param: "prompt", message: "prompt must be well-formed Unicode: it holds half of a surrogate pair." },
    ];
  }
  const characters = countCodePoints(params.prompt);
  if (characters <= limit) return [];
  const reserve = spent > 0 ? `, ${spent} of its ${promptLimit} being taken by prompt_mode "as_is"` : "";
  return [
    {
      param: "prompt",
      message: `prompt has ${characters} characters; ${model} takes at most ${limit}${reserve}.`,
    },
  ];
}

function countCodePoints(text: string): number {
  return Array.from(text).length;
}

function checkCount({ n = 1 }: ImageParams, { model, imagesPerJob }: ModelCapability): Violation[] {
  if (n >= 1 && n <= imagesPerJob) return [];
  return [{ param: "n", message: `n must be an integer from 1 to ${imagesPerJob} for ${model}.` }];
}

/** A model nobody described may well stream: its service will say. */
function checkStream(params: ImageParams, { model, streaming, described }: ModelCapability): Violation[] {
  if (params.stream === true && described && !streaming) {
    const message = `${model} does not stream; leave stream out.`;
    return [{ param: "stream", message, allowed: [false] }];
  }
  if (params.partial_images === undefined || params.stream === true) return [];
  return [{ param: "partial_images", message: "partial_images needs stream to be true." }];
}

function checkSize({ size }: ImageParams, { model, sizes, sizeRule }: ModelCapability): Violation[] {
  if (size === undefined || sizes.includes(size)) return [];
  const dimensions = parseSize(size);
  if (sizeRule && dimensions && fitsSizeRule(dimensions, sizeRule)) return [];
  const allowed = sizeRule ? [...sizes, describeSizeRule(sizeRule)] : sizes;
  return [
    {
      param: "size",
      message: `size ${quote(size)} is not a size of ${model}: ${allowed.join(", ")}.`,
      allowed,
    },
  ];
}

function checkChoice(
  value: string | undefined,
  { param, list, noun }: (typeof choices)[number],
  capability: ModelCapability,
): Violation[] {
  if (value === undefined) return [];
  const allowed = capability[list];
  if (!allowed) {
    return [
      { param, message: `${param} is not a parameter of ${capability.model}; leave it out.`, allowed: [] },
    ];
  }
  if (allowed.includes(value)) return [];
  const message = `${param} ${quote(value)} is not ${noun} of ${capability.model}: ${allowed.join(", ")}.`;
  return [{ param, message, allowed }];
}

function checkCombinations(params: ImageParams, capability: ModelCapability): Violation[] {
  const { model, outputFormats, defaults } = capability;
  const format = params.output_format ?? defaults.outputFormat;
  const violations: Violation[] = [];
  if (params.output_compression !== undefined && !outputFormats) {
    const message = `output_compression is not a parameter of ${model}; leave it out.`;
    violations.push({ param: "output_compression", message, allowed: [] });
  } else if (params.output_compression !== undefined && params.output_compression < 100 && format === "png") {
    const message = "output_compression below 100 needs output_format jpeg or webp; png is lossless.";
    violations.push({ param: "output_compression", message, allowed: [100] });
  }
  if (params.background === "transparent" && format === "jpeg") {
    const allowed = (outputFormats ?? []).filter((name) => name !== "jpeg");
    const message = `background "transparent" needs an output_format with transparency: ${allowed.join(", ")}; jpeg has none.`;
    violations.push({ param: "output_format", message, allowed });
  }
  return violations;
}

/** A caller's value inside a message: short, on one line, and visibly quoted. */
function quote(value: string): string {
  return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
}

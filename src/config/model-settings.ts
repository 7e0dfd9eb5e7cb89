import * as z from "zod";
import { type ModelCapability, defaultEditLimits } from "../domain/model-catalogue.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type { ParameterRule } from "../domain/model-parameters.ts";
import type { Settings } from "./settings.ts";

/** One entry of IMAGE_MODELS, in the words that GET /api/models uses. */
const modelSetting = z.strictObject({
  model: z.string().min(1),
  protocol: z.enum(["submit-poll", "one-per-call", "many-per-call"]),
  prompt_limit: z.int().min(1).max(32_000),
  max_images: z.int().min(1).max(10),
  sizes: z.array(z.string()).min(1),
  qualities: z.array(z.string()).optional(),
  styles: z.array(z.string()).optional(),
  response_formats: z.array(z.string()).optional(),
  backgrounds: z.array(z.string()).optional(),
  moderations: z.array(z.string()).optional(),
  output_formats: z.array(z.string()).optional(),
  input_fidelities: z.array(z.string()).optional(),
  size_rule: z
    .strictObject({
      multiple_of: z.int().min(1),
      max_side: z.int().min(1),
      min_pixels: z.int().min(1),
      max_pixels: z.int().min(1),
      max_ratio: z.number().min(1),
    })
    .optional(),
  parameters: z
    .record(
      z.string().regex(/^\w{1,64}$/),
      z.strictObject({
        type: z.enum(["string", "number", "integer", "boolean"]),
        values: z.array(z.union([z.string(), z.number(), z.boolean()])).optional(),
        minimum: z.number().optional(),
        maximum: z.number().optional(),
      }),
    )
    .optional(),
  defaults: z.strictObject({
    size: z.string(),
    quality: z.string().optional(),
    style: z.string().optional(),
    output_format: z.string().optional(),
  }),
  rewrites_prompt: z.boolean().default(false),
  edits: z.boolean().default(false),
  streaming: z.boolean().default(false),
});
type ModelSetting = z.infer<typeof modelSetting>;

/** Models that the operator describes: new ones, or other limits for known ones. */
export function readModels(settings: Settings): ModelCapability[] {
  const listed = settings.json("IMAGE_MODELS", z.array(modelSetting)) ?? [];
  for (const [position, model] of listed.entries()) checkDefaults(settings, model, position);
  return listed.map((model) =>
    withoutAbsent({
      model: model.model,
      protocol: model.protocol,
      promptLimit: model.prompt_limit,
      imagesPerJob: model.max_images,
      imagesPerCall: model.protocol === "one-per-call" ? 1 : model.max_images,
      sizes: model.sizes,
      qualities: model.qualities,
      styles: model.styles,
      responseFormats: model.response_formats,
      backgrounds: model.backgrounds,
      moderations: model.moderations,
      outputFormats: model.output_formats,
      sizeRule: model.size_rule && {
        multipleOf: model.size_rule.multiple_of,
        maxSide: model.size_rule.max_side,
        minimumPixels: model.size_rule.min_pixels,
        maximumPixels: model.size_rule.max_pixels,
        maximumRatio: model.size_rule.max_ratio,
      },
      parameters: model.parameters && readParameters(model.parameters),
      defaults: withoutAbsent({
        size: model.defaults.size,
        quality: model.defaults.quality,
        style: model.defaults.style,
        outputFormat: model.defaults.output_format,
      }),
      rewritesPrompt: model.rewrites_prompt,
      inputFidelities: model.input_fidelities,
      edits: model.edits ? { ...defaultEditLimits, defaultSize: model.defaults.size } : undefined,
      streaming: model.streaming,
      described: true,
    }),
  );
}

function readParameters(listed: NonNullable<ModelSetting["parameters"]>): Record<string, ParameterRule> {
  return Object.fromEntries(Object.entries(listed).map(([name, rule]) => [name, withoutAbsent(rule)]));
}

function checkDefaults(settings: Settings, { defaults, ...model }: ModelSetting, position: number): void {
  const lists = {
    size: model.sizes,
    quality: model.qualities,
    style: model.styles,
    output_format: model.output_formats,
  };
  for (const name of ["size", "quality", "style", "output_format"] as const) {
    const value = defaults[name];
    if (value !== undefined && !lists[name]?.includes(value))
      settings.problem(`IMAGE_MODELS.${position}.defaults.${name} is not one of the model's own values.`);
  }
}

import * as z from "zod";
import { advanced, choices, important, internal, shown } from "./words.ts";

/**
 * What a model may be asked for beyond the prompt. Each field has one list, which GetModelParameters tells: of the chosen
 * deployment, or of all that can do the task. The catalogue says what a model takes; other values may be typed.
 */

export const word = z.string().max(64).optional();

export const imageTasks = ["generation", "edit"] as const;
export type ImageTask = (typeof imageTasks)[number];

/** The words that a designer shows for a model's values. One that has none is shown as it is. */
export const choiceTitles = {
  size: {
    auto: "Chosen by the model",
    "1024x1024": "1024 × 1024 (square)",
    "1536x1024": "1536 × 1024 (landscape)",
    "1024x1536": "1024 × 1536 (portrait)",
    "1792x1024": "1792 × 1024 (wide)",
    "1024x1792": "1024 × 1792 (tall)",
    "512x512": "512 × 512 (small square)",
    "256x256": "256 × 256 (thumbnail)",
  },
  quality: {
    auto: "Chosen by the model",
    low: "Low",
    medium: "Medium",
    high: "High",
    standard: "Standard",
    hd: "HD",
  },
  style: { vivid: "Vivid", natural: "Natural" },
  background: { auto: "Chosen by the model", transparent: "Transparent", opaque: "Opaque" },
  moderation: { auto: "Usual", low: "Less strict" },
  outputFormat: { png: "PNG", jpeg: "JPEG", webp: "WebP" },
  inputFidelity: { low: "Low", high: "High" },
} as const;
export type ChoiceField = keyof typeof choiceTitles;

/** Choices of generations and edits alike. Without a task, of both. */
export const modelChoices = (task?: ImageTask) => ({
  size: word.meta(
    shown(
      "Size",
      "Width and height in pixels, such as 1024x1024; the list has what the deployment makes. Left empty, its usual size.",
      { ...important, ...listOf("size", task) },
    ),
  ),
  quality: word.meta(
    shown(
      "Quality",
      "How finely it is drawn, such as low or high; finer takes longer and costs more.",
      listOf("quality", task),
    ),
  ),
  background: word.meta(
    shown(
      "Background",
      "What is behind the picture: transparent, opaque, or auto for the model to choose.",
      listOf("background", task),
    ),
  ),
  outputFormat: word.meta(
    shown("Output Format", "File type of the images, png or jpeg.", {
      ...important,
      ...listOf("outputFormat", task),
    }),
  ),
  outputCompression: z
    .int()
    .min(0)
    .max(100)
    .optional()
    .meta(shown("Output Compression", "How strongly JPEG files are compressed, 0 to 100.", advanced)),
});

export const generationChoices = (task?: ImageTask) => ({
  style: word.meta(
    shown(
      "Style",
      "Look of the images where the model has a choice: vivid or natural.",
      listOf("style", task),
    ),
  ),
  moderation: word.meta(
    shown("Moderation", "How strictly prompts and images are judged: auto or low.", {
      ...advanced,
      ...listOf("moderation", task),
    }),
  ),
  promptMode: z
    .enum(["default", "as_is"])
    .optional()
    .meta(
      shown("Prompt Mode", "Whether a model that rewrites prompts is asked to use this one as it is.", {
        ...advanced,
        ...choices({ default: "May be rewritten", as_is: "Used as it is" }),
      }),
    ),
});

export const editChoices = (task?: ImageTask) => ({
  inputFidelity: word.meta(
    shown("Input Fidelity", "How closely the result keeps to the input: low or high.", {
      ...advanced,
      ...listOf("inputFidelity", task),
    }),
  ),
});

const saved = (summary: string) => shown(summary, "As the field of this name.", internal);

/**
 * Where workflows have the same choices that were saved before each had one field. A value here goes before the field of the
 * same name. Nobody is shown it any more.
 */
export const savedParameters = z
  .strictObject({
    size: word.meta(saved("Size")),
    quality: word.meta(saved("Quality")),
    background: word.meta(saved("Background")),
    outputFormat: word.meta(saved("Output Format")),
    outputCompression: z.int().min(0).max(100).optional().meta(saved("Output Compression")),
    style: word.meta(saved("Style")),
    moderation: word.meta(saved("Moderation")),
    promptMode: z.enum(["default", "as_is"]).optional().meta(saved("Prompt Mode")),
    inputFidelity: word.meta(saved("Input Fidelity")),
  })
  .meta({
    id: "SavedParameters",
    ...shown("Saved Parameters", "Choices of workflows that were saved long ago.", internal),
  });

export const deploymentList = (task?: ImageTask) => ({
  "x-ms-dynamic-values": {
    operationId: "ListDeployments",
    parameters: { ...(task && { task }) },
    "value-collection": "value",
    "value-path": "name",
    "value-title": "title",
  },
  "x-ms-dynamic-list": {
    operationId: "ListDeployments",
    parameters: { ...(task && { task: { value: task } }) },
    itemsPath: "value",
    itemValuePath: "name",
    itemTitlePath: "title",
  },
});

/** A list for old designers and for new ones. */
function listOf(field: ChoiceField, task?: ImageTask) {
  return {
    "x-ms-dynamic-values": {
      operationId: "GetModelParameters",
      parameters: { deployment: { parameter: "deployment" }, ...(task && { task }) },
      "value-collection": field,
      "value-path": "value",
      "value-title": "title",
    },
    "x-ms-dynamic-list": {
      operationId: "GetModelParameters",
      parameters: {
        deployment: { parameterReference: "body/deployment" },
        ...(task && { task: { value: task } }),
      },
      itemsPath: field,
      itemValuePath: "value",
      itemTitlePath: "title",
    },
  };
}

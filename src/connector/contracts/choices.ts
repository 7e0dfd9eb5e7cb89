import * as z from "zod";
import { advanced, choices, important, shown } from "./words.ts";

/** What a model may be asked for beyond the prompt. Lists are offers: the catalogue says what a model takes. */

export const word = z.string().max(64).optional();

const size = choices({
  auto: "Chosen by the model",
  "1024x1024": "1024 × 1024 (square)",
  "1536x1024": "1536 × 1024 (landscape)",
  "1024x1536": "1024 × 1536 (portrait)",
  "1792x1024": "1792 × 1024 (wide)",
  "1024x1792": "1024 × 1792 (tall)",
  "512x512": "512 × 512 (small square)",
  "256x256": "256 × 256 (thumbnail)",
});
const quality = choices({
  auto: "Chosen by the model",
  low: "Low",
  medium: "Medium",
  high: "High",
  standard: "Standard",
  hd: "HD",
});
const style = choices({ vivid: "Vivid", natural: "Natural" });
const background = choices({
  auto: "Chosen by the model",
  transparent: "Transparent",
  opaque: "Opaque",
});
const outputFormat = choices({ png: "PNG", jpeg: "JPEG", webp: "WebP" });

/** Choices of generations and edits alike. */
export const modelChoices = {
  size: word.meta(
    shown("Size", "Width and height in pixels, as the model allows. Left empty, the model's usual size.", {
      ...important,
      ...size,
    }),
  ),
  quality: word.meta(shown("Quality", "How finely it is drawn, as the model allows.", quality)),
  background: word.meta(shown("Background", "What is behind the picture, as the model allows.", background)),
  outputFormat: word.meta(
    shown("Output Format", "File type of the images, as the model allows.", outputFormat),
  ),
  outputCompression: z
    .int()
    .min(0)
    .max(100)
    .optional()
    .meta(
      shown("Output Compression", "How strongly JPEG and WebP files are compressed, 0 to 100.", advanced),
    ),
};

export const generationChoices = {
  style: word.meta(shown("Style", "Look of the images, as the model allows.", style)),
  moderation: word.meta(
    shown("Moderation", "How strictly prompts and images are judged, as the model allows.", {
      ...advanced,
      ...choices({ auto: "Usual", low: "Less strict" }),
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
};

export const editChoices = {
  inputFidelity: word.meta(
    shown("Input Fidelity", "How closely the result keeps to the input, as the model allows.", {
      ...advanced,
      ...choices({ low: "Low", high: "High" }),
    }),
  ),
};

/** What a model is asked for beyond the prompt, by the names that GetModelParameters tells. */
export const modelParameters = z.strictObject({ ...modelChoices, ...generationChoices, ...editChoices });
export type ModelParameters = z.infer<typeof modelParameters>;

/** What each model accepts, as data. Sources: seeds [S0,S2,S3], the newest references [O1], [A1], [A2]. */

export const modelNames = [
  "dall-e-2",
  "dall-e-3",
  "gpt-image-1",
  "gpt-image-1-mini",
  "gpt-image-1.5",
  "gpt-image-2",
] as const;
export type ModelName = (typeof modelNames)[number];

export type Family = "dall-e-2" | "dall-e-3" | "gpt-image";

export interface Model {
  readonly name: ModelName;
  readonly family: Family;
  readonly parameters: readonly string[];
  /** Absent: the model edits nothing [S3]. */
  readonly editParameters?: readonly string[];
  /** Whether an edit may ask how closely to keep to its input [O1]. */
  readonly fidelity: boolean;
  readonly sizes: readonly string[];
  /** A size outside the list that the model still draws. */
  readonly allowsSize?: (width: number, height: number) => boolean;
  readonly defaultSize: string;
  readonly maximumImages: number;
  readonly maximumPromptLength: number;
  readonly qualities: readonly string[];
  /** [A1,A2] Azure draws high by default, mini medium; OpenAI says auto [O1]. */
  readonly defaultQuality: { readonly azure: string; readonly openai: string };
}

const everyParameter = ["prompt", "model", "n", "size", "user"];

const dalle2: Model = {
  name: "dall-e-2",
  family: "dall-e-2",
  parameters: [...everyParameter, "response_format", "quality"],
  fidelity: false,
  sizes: ["256x256", "512x512", "1024x1024"],
  defaultSize: "1024x1024",
  maximumImages: 10,
  maximumPromptLength: 1000,
  qualities: ["standard"],
  defaultQuality: { azure: "standard", openai: "standard" },
};

const dalle3: Model = {
  name: "dall-e-3",
  family: "dall-e-3",
  parameters: [...everyParameter, "quality", "style", "response_format"],
  fidelity: false,
  sizes: ["1024x1024", "1792x1024", "1024x1792"],
  defaultSize: "1024x1024",
  maximumImages: 1,
  maximumPromptLength: 4000,
  qualities: ["standard", "hd"],
  defaultQuality: { azure: "standard", openai: "standard" },
};

const gptImage1: Model = {
  name: "gpt-image-1",
  family: "gpt-image",
  parameters: [
    ...everyParameter,
    "quality",
    "background",
    "moderation",
    "output_format",
    "output_compression",
    "stream",
    "partial_images",
  ],
  editParameters: [
    ...everyParameter,
    "quality",
    "background",
    "input_fidelity",
    "output_format",
    "output_compression",
    "stream",
    "partial_images",
  ],
  fidelity: true,
  sizes: ["1024x1024", "1024x1536", "1536x1024", "auto"],
  defaultSize: "auto",
  maximumImages: 10,
  maximumPromptLength: 32_000,
  qualities: ["low", "medium", "high", "auto"],
  defaultQuality: { azure: "high", openai: "auto" },
};

/** [O1] sides divisible by 16, ratio within 1:3 to 3:1, at most 3840x2160; [A1] 655,360 to 8,294,400 pixels. */
function isFreeSize(width: number, height: number): boolean {
  const pixels = width * height;
  const longer = Math.max(width, height);
  const shorter = Math.min(width, height);
  return (
    width % 16 === 0 &&
    height % 16 === 0 &&
    longer <= 3840 &&
    longer <= shorter * 3 &&
    pixels >= 655_360 &&
    pixels <= 8_294_400
  );
}

export const models: Readonly<Record<ModelName, Model>> = {
  "dall-e-2": dalle2,
  "dall-e-3": dalle3,
  "gpt-image-1": gptImage1,
  "gpt-image-1-mini": {
    ...gptImage1,
    name: "gpt-image-1-mini",
    fidelity: false,
    defaultQuality: { azure: "medium", openai: "auto" },
  },
  "gpt-image-1.5": { ...gptImage1, name: "gpt-image-1.5" },
  "gpt-image-2": { ...gptImage1, name: "gpt-image-2", fidelity: false, allowsSize: isFreeSize },
};

const datedNames: Readonly<Record<string, ModelName>> = { "gpt-image-2-2026-04-21": "gpt-image-2" };

export function modelNamed(name: string): Model | undefined {
  const known = modelNames.find((candidate) => candidate === name) ?? datedNames[name];
  return known === undefined ? undefined : models[known];
}

import { invalidRequest, type Violation } from "../../domain/app-error.ts";
import type { EditParams } from "../../domain/edit-request.ts";
import type { RequestParams } from "../../domain/deployment.ts";
import { editChoices, generationChoices } from "./choices.ts";
import type { SubmitImageJobBody } from "./requests.ts";

/** What the connector's actions ask for, in the words of the job core. */

/** All that an action which makes images may bring: with images an edit, a generation without. */
export type ActionBody = SubmitImageJobBody & {
  includeContent?: boolean | undefined;
  onFailure?: "fail" | "continue" | undefined;
};
export type InputImage = NonNullable<ActionBody["images"]>[number];

/** The images of an edit, the flat one before those of the list; undefined for a generation. */
export function inputImagesOf(body: ActionBody): InputImage[] | undefined {
  const { fileContent, fileName, imageId, images = [] } = body;
  const file = fileContent === undefined ? [] : [{ name: fileName, contentBytes: fileContent }];
  const made = imageId === undefined ? [] : [{ imageId }];
  const all = [...file, ...made, ...images];
  return all.length > 0 ? all : undefined;
}

/** The core's parameters of an action. Throws `invalidRequest` for fields that belong to the other kind of action. */
export function toCoreParams(body: ActionBody): RequestParams & EditParams {
  const misplaced = inputImagesOf(body) ? misplacedInEdit(body) : misplacedInGeneration(body);
  if (misplaced.length > 0) throw invalidRequest(misplaced);
  const { modelParameters = {}, ...own } = body;
  const asked = { ...own, ...modelParameters };
  return {
    deployment: asked.deployment,
    prompt: body.prompt,
    n: asked.n,
    size: asked.size,
    quality: asked.quality,
    style: asked.style,
    background: asked.background,
    moderation: asked.moderation,
    output_format: asked.outputFormat,
    output_compression: asked.outputCompression,
    input_fidelity: asked.inputFidelity,
    prompt_mode: asked.promptMode,
    user: asked.user,
    mask_mode: asked.maskMode,
    mask_invert: asked.maskInvert,
  };
}

const coreNames = [
  "output_format",
  "output_compression",
  "input_fidelity",
  "prompt_mode",
  "mask_mode",
  "mask_invert",
  "next_cursor",
] as const;

/** The core's names of fields as the connector's callers know them; everything else stays as it is. */
export function inConnectorWords(text: string): string {
  return text
    .replace(/\bimages\.(\d+)\.b64_json\b/g, "images.$1.contentBytes")
    .replace(/\bmask(\.b64_json)?(?= (is|has|must|can)\b|$)/g, "maskContentBytes")
    .replace(new RegExp(`\\b(${coreNames.join("|")})\\b`, "g"), (name) =>
      name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
    );
}

function misplacedInGeneration(body: ActionBody): Violation[] {
  const fields = [
    "fileName",
    "maskContentBytes",
    "maskImageId",
    "maskMode",
    "maskInvert",
    ...Object.keys(editChoices()),
  ];
  return given(body, fields).map((param) => ({ param, message: `${param} is for edits: it needs images.` }));
}

function misplacedInEdit(body: ActionBody): Violation[] {
  return given(body, Object.keys(generationChoices())).map((param) => ({
    param,
    message: `${param} is not for edits; leave it out.`,
  }));
}

function given({ modelParameters, ...body }: ActionBody, fields: readonly string[]): string[] {
  const within = (facts: object) =>
    Object.entries(facts).flatMap(([name, value]) =>
      value !== undefined && fields.includes(name) ? [name] : [],
    );
  return [...within(body), ...within(modelParameters ?? {}).map((name) => `modelParameters.${name}`)];
}

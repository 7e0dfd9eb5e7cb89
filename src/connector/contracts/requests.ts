import * as z from "zod";
import { maskModes } from "../../domain/image-request.ts";
import { jobStatuses } from "../../domain/image-job.ts";
import { editChoices, generationChoices, modelChoices, modelParameters, word } from "./choices.ts";
import { advanced, choices, important, internal, shown } from "./words.ts";
import { tag } from "../../contracts/requests.ts";

/**
 * What the connector's operations are asked: flat, in camelCase, with what a designer shows of each field. Lists of
 * choices are offers; whether a model takes the value is the catalogue's to say.
 */

/** A form that a designer gets from GetModelParameters. It has a name of its own: forms within fields are not read. */
const chosenParameters = modelParameters.meta({
  id: "ChosenParameters",
  ...shown("Model Parameters", "What the chosen deployment takes, with its own lists of choices.", advanced),
  "x-ms-dynamic-schema": {
    operationId: "GetModelParameters",
    parameters: { deployment: { parameter: "deployment" } },
    "value-path": "schema",
  },
  "x-ms-dynamic-properties": {
    operationId: "GetModelParameters",
    parameters: { deployment: { parameterReference: "body/deployment" } },
    itemValuePath: "schema",
  },
});

/** Fields that every request for images has. A choice in `modelParameters` goes before the field of the same name. */
const imageParams = {
  deployment: word.meta(
    shown("Deployment", "Which model draws. Left empty, the first that can do all that is asked.", {
      ...important,
      "x-ms-dynamic-values": {
        operationId: "ListDeployments",
        parameters: {},
        "value-collection": "value",
        "value-path": "name",
        "value-title": "title",
      },
      "x-ms-dynamic-list": {
        operationId: "ListDeployments",
        parameters: {},
        itemsPath: "value",
        itemValuePath: "name",
        itemTitlePath: "title",
      },
    }),
  ),
  prompt: z.string().meta(shown("Prompt", "What to draw, in words.", important)),
  n: z
    .int()
    .min(1)
    .max(10)
    .optional()
    .meta(shown("Number of Images", "How many images to make, 1 to 10. Left empty, one.", important)),
  ...modelChoices,
  modelParameters: chosenParameters.optional(),
  user: z
    .string()
    .max(512)
    .optional()
    .meta(shown("User", "Opaque name of your end user, passed to the image service.", advanced)),
  tags: z
    .array(tag.meta(shown("Tag", "A word of letters, digits and . _ : - to find the job by.")))
    .max(8)
    .optional()
    .meta(shown("Tags", "Up to 8 words to find the job by.", advanced)),
};

const includeContent = z
  .boolean()
  .optional()
  .meta(
    shown(
      "Include Content",
      "Yes puts the files themselves into the result, besides links; they then stand in run histories, too.",
      advanced,
    ),
  );

/** Not strict: a mail's attachment is bound whole, with facts that nobody asks for. */
const inputImage = z
  .object({
    name: z
      .string()
      .max(255)
      .optional()
      .meta(shown("File Name", "What the file is called; told in messages only.")),
    contentBytes: z
      .string()
      .optional()
      .meta(
        shown("File Content", "The file itself, PNG or JPEG. Either this or an address.", { format: "byte" }),
      ),
    url: z
      .string()
      .max(2_048)
      .optional()
      .meta(shown("Image URL", "A public https address of the file. Either this or the content.")),
  })
  .refine(({ contentBytes, url }) => (contentBytes === undefined) !== (url === undefined), {
    message: "give exactly one of contentBytes and url",
  })
  .meta({ id: "InputImage", ...shown("Image", "An input image: its content, or its address.") });

const images = z
  .array(inputImage)
  .min(1)
  .max(16)
  .meta(shown("Images", "The images to edit, 1 to 16, in order.", important));

const editOnly = {
  maskContentBytes: z
    .string()
    .optional()
    .meta(
      shown("Mask Content", "PNG of the first image's size, clear where that is to be edited.", {
        format: "byte",
      }),
    ),
  maskMode: z
    .enum(maskModes)
    .optional()
    .meta(
      shown("Mask Mode", "What becomes of a mask whose size isn't the first image's.", {
        ...advanced,
        ...choices({ strict: "Refuse it", resize: "Stretch it" }),
      }),
    ),
  maskInvert: z
    .boolean()
    .optional()
    .meta(shown("Invert Mask", "Yes edits what is opaque in the mask, instead of what is clear.", advanced)),
  ...editChoices,
};

export const generateImageBody = z
  .strictObject({ ...imageParams, ...generationChoices, includeContent })
  .meta({ id: "GenerateImageRequest" });
export type GenerateImageBody = z.infer<typeof generateImageBody>;

export const editImageBody = z
  .strictObject({ ...imageParams, images, ...editOnly, includeContent })
  .meta({ id: "EditImageRequest" });
export type EditImageBody = z.infer<typeof editImageBody>;

/** A generation or, with `images`, an edit. Nothing is waited for, so there is no content to include. */
export const submitImageJobBody = z
  .strictObject({ ...imageParams, ...generationChoices, images: images.optional(), ...editOnly })
  .meta({ id: "SubmitImageJobRequest" });
export type SubmitImageJobBody = z.infer<typeof submitImageJobBody>;

export const createImageLinkBody = z
  .strictObject({
    hours: z
      .int()
      .min(1)
      .max(168)
      .optional()
      .meta(shown("Hours", "How long the link works, 1 to 168. Left empty, as the service is set.")),
  })
  .meta({ id: "CreateImageLinkRequest" });
export type CreateImageLinkBody = z.infer<typeof createImageLinkBody>;

const model = word.meta(shown("Model", "Images of this model only, such as gpt-image-1.", advanced));
export const ofModel = model.meta(shown("Model", "Jobs of this model only, such as gpt-image-1."));
export const ofTag = tag.optional().meta(shown("Tag", "Jobs that carry this tag only."));
const state = (summary: string, description: string) =>
  z
    .string()
    .max(2_048)
    .optional()
    .meta(shown(summary, description, internal));

export const listImageJobsQuery = z.strictObject({
  status: z
    .enum(jobStatuses)
    .optional()
    .meta(
      shown(
        "Status",
        "Jobs of this status only.",
        choices({
          queued: "Queued",
          running: "Running",
          succeeded: "Succeeded",
          failed: "Failed",
          canceled: "Canceled",
        }),
      ),
    ),
  model: ofModel,
  tag: ofTag,
  limit: z
    .int()
    .min(1)
    .max(100)
    .optional()
    .meta(shown("Limit", "Most jobs to answer with, 1 to 100. Left empty, 20.", advanced)),
  cursor: z
    .string()
    .max(2_048)
    .optional()
    .meta(shown("Cursor", "Next cursor of the page before, with the same filters.", advanced)),
});

export const imageTriggerQuery = z.strictObject({
  model,
  tag: ofTag,
  state: state("State", "Where the poll before stopped; absent at the first one."),
});

export const contentQuery = z.strictObject({ includeContent });

/** The poll's address carries what the action asked for, and what makes it genuine. */
export const jobResultQuery = z.strictObject({
  includeContent: includeContent.meta(
    shown("Include Content", "Whether the action asked for the files themselves.", internal),
  ),
  expires: state("Expires", "When this address dies."),
  signature: state("Signature", "What shows that the app wrote this address."),
});

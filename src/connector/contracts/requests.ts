import * as z from "zod";
import { maskModes } from "../../domain/image-request.ts";
import { jobStatuses } from "../../domain/image-job.ts";
import { renditionFormats, renditionParameters } from "../../domain/rendition.ts";
import {
  deploymentList,
  editChoices,
  generationChoices,
  type ImageTask,
  imageTasks,
  modelChoices,
  savedParameters,
  word,
} from "./choices.ts";
import { shareSeconds } from "../../domain/share.ts";
import { advanced, choices, important, internal, shown } from "./words.ts";
import { commonFields, tag } from "../../contracts/requests.ts";

/**
 * What the connector's operations are asked: flat, in camelCase, with what a designer shows of each field. Lists of
 * choices are offers; whether a model takes the value is the catalogue's to say.
 */

export const daySeconds = 86_400;

/** Fields that every request for images has. */
const imageParams = (task?: ImageTask) => ({
  deployment: word.meta(
    shown("Deployment", "Which model draws. Left empty, the first that can do all that is asked.", {
      ...important,
      ...deploymentList(task),
    }),
  ),
  prompt: z.string().meta(shown("Prompt", "What to draw, in words.", important)),
  n: z
    .int()
    .min(1)
    .max(10)
    .optional()
    .meta(shown("Number of Images", "How many images to make, 1 to 10. Left empty, one.", important)),
  ...modelChoices(task),
  modelParameters: savedParameters.optional(),
  user: z
    .string()
    .max(512)
    .optional()
    .meta(shown("User", "Opaque name of your end user, passed to the image service.", advanced)),
  tags: z
    .array(tag.meta(shown("Tag", "A word of letters, digits and . _ : - to find the job by.")))
    .max(8)
    .optional()
    .meta(
      shown("Tags", "Up to 8 words to find the job by: a list, or one text with commas between.", advanced),
    ),
  metadata: commonFields.metadata.meta(
    shown(
      "Metadata",
      'Facts of your own that come back with the result, such as { "order": "7" }: up to 16 names with texts.',
      advanced,
    ),
  ),
});

const includeContent = z
  .boolean()
  .optional()
  .meta(
    shown(
      "Include Content",
      "Yes puts the files themselves into the result, besides links; they then stand in run histories, too.",
      important,
    ),
  );

const imageId = z.string().max(128).optional();

/** Not strict: a mail's attachment is bound whole, with facts that nobody asks for. */
const inputImage = z
  .object({
    name: z
      .string()
      .max(255)
      .optional()
      .meta(shown("Name", "What the file is called; told in messages only.")),
    contentBytes: z
      .string()
      .optional()
      .meta(
        shown(
          "Content",
          "The file itself: PNG, JPEG, WebP, GIF, TIFF or AVIF. Give this, an address or an ID.",
          { format: "byte" },
        ),
      ),
    url: z.string().max(2_048).optional().meta(shown("URL", "A public https address of the file.")),
    imageId: imageId.meta(shown("ID", "An image that was made here, by the ID that another action told.")),
  })
  .refine(
    ({ contentBytes, url, imageId: id }) =>
      [contentBytes, url, id].filter((given) => given !== undefined).length === 1,
    { message: "give exactly one of contentBytes, url and imageId" },
  )
  .meta({
    id: "InputImage",
    ...shown("Image", "An input image: its content, its address, or the ID of one that was made here."),
  });

const images = z
  .array(inputImage)
  .min(1)
  .max(16)
  .meta(
    shown(
      "Images",
      "Further images to edit, or all of them: 1 to 16, in order. The files of one action may have 24 MB together; give larger ones by their URL.",
      important,
    ),
  );

/** The one file that most edits have: no list to open, and no loop. It goes before those of the list. */
const oneFile = {
  fileContent: z
    .string()
    .optional()
    .meta(
      shown(
        "File Content",
        "The image to edit, up to 24 MB: PNG, JPEG, WebP, GIF, TIFF or AVIF. Give it here, by Image ID, or in the list of images.",
        { format: "byte", ...important },
      ),
    ),
  imageId: imageId.meta(
    shown("Image ID", "The image to edit when it was made here: the ID that another action told.", important),
  ),
  fileName: z
    .string()
    .max(255)
    .optional()
    .meta(shown("File Name", "What the file is called; told in messages only.", advanced)),
};

const editOnly = (task?: ImageTask) => ({
  maskContentBytes: z
    .string()
    .optional()
    .meta(
      shown("Mask Content", "PNG of the first image's size, clear where that is to be edited.", {
        format: "byte",
      }),
    ),
  maskImageId: imageId.meta(
    shown(
      "Mask Image ID",
      "The mask when it was made here, by its image ID, in place of Mask Content.",
      advanced,
    ),
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
  ...editChoices(task),
});

/** For an action that is waited for by polls: one that is called back goes on in any case. */
const onFailure = z
  .enum(["fail", "continue"])
  .optional()
  .meta(
    shown(
      "If It Fails",
      "What the action does when there is no image: fail, or go on with Status and Error filled in.",
      {
        ...advanced,
        ...choices({ fail: "Fail", continue: "Go on, with Status and Error" }),
      },
    ),
  );

export const imagesToMake = z.strictObject({
  ...imageParams("generation"),
  ...generationChoices("generation"),
  includeContent,
});
export const imagesToEdit = z.strictObject({
  ...oneFile,
  ...imageParams("edit"),
  images: images.optional(),
  ...editOnly("edit"),
  includeContent,
});

export const generateImageBody = imagesToMake.extend({ onFailure }).meta({ id: "GenerateImageRequest" });
export type GenerateImageBody = z.infer<typeof generateImageBody>;

export const editImageBody = imagesToEdit.extend({ onFailure }).meta({ id: "EditImageRequest" });
export type EditImageBody = z.infer<typeof editImageBody>;

/** A generation or, with `images`, an edit. Nothing is waited for, so there is no content to include. */
export const submitImageJobBody = z
  .strictObject({
    ...imageParams(),
    ...oneFile,
    images: images.optional(),
    ...generationChoices(),
    ...editOnly(),
  })
  .meta({ id: "SubmitImageJobRequest" });
export type SubmitImageJobBody = z.infer<typeof submitImageJobBody>;

export const createImageLinkBody = z
  .strictObject({
    hours: z
      .int()
      .min(1)
      .max(168)
      .optional()
      .meta(
        shown("Hours", "How long the link works, 1 to 168. Left empty, as the service is set.", important),
      ),
  })
  .meta({ id: "CreateImageLinkRequest" });
export type CreateImageLinkBody = z.infer<typeof createImageLinkBody>;

export const shareImageBody = z
  .strictObject({
    days: z
      .int()
      .min(1)
      .max(shareSeconds.max / daySeconds)
      .optional()
      .meta(
        shown(
          "Days",
          "How long the link works, 1 to 365. Left empty, as long as the job is kept.",
          important,
        ),
      ),
  })
  .meta({ id: "ShareImageRequest" });

export const convertImageBody = z
  .strictObject({
    format: z
      .enum(renditionFormats)
      .optional()
      .meta(
        shown("Format", "The type of the new file. Left empty, that of the image.", {
          ...important,
          ...choices({ webp: "WebP", jpeg: "JPEG", png: "PNG", avif: "AVIF" }),
        }),
      ),
    width: z
      .enum(renditionParameters.width)
      .optional()
      .meta(
        shown("Width", "Pixels from left to right; never more than the image has. Left empty, as it is.", {
          ...important,
          ...choices(
            Object.fromEntries(renditionParameters.width.map((width) => [width, `${width} pixels`])),
          ),
        }),
      ),
    fit: z
      .enum(renditionParameters.fit)
      .optional()
      .meta(
        shown("Crop", "Whether it keeps its shape, or is cut to a square around its middle.", {
          ...important,
          ...choices({ inside: "Keep the shape", cover: "Cut to a square" }),
        }),
      ),
    quality: z
      .enum(renditionParameters.quality)
      .optional()
      .meta(
        shown("Compression", "How small the file becomes; PNG loses nothing at any. Left empty, usual.", {
          ...important,
          ...choices({ "60": "Small file", "80": "Usual", "95": "Fine" }),
        }),
      ),
  })
  .meta({ id: "ConvertImageRequest" });
export type ConvertImageBody = z.infer<typeof convertImageBody>;

const model = word.meta(shown("Model", "Images of this model only, such as gpt-image-1.", advanced));
export const ofModel = model.meta(shown("Model", "Jobs of this model only, such as gpt-image-1."));
export const ofTag = tag.optional().meta(shown("Tag", "Jobs that carry this tag only.", important));
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
      shown("Status", "Jobs of this status only.", {
        ...important,
        ...choices({
          queued: "Queued",
          running: "Running",
          succeeded: "Succeeded",
          failed: "Failed",
          canceled: "Canceled",
        }),
      }),
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
  onFailure: onFailure.meta(
    shown("If It Fails", "What the action that waits does when there is no image.", internal),
  ),
  expires: state("Expires", "When this address dies."),
  signature: state("Signature", "What shows that the app wrote this address."),
});

const task = z
  .enum(imageTasks)
  .optional()
  .meta(shown("Task", "What is to be done with it: generation or edit. Left empty, either."));

export const deploymentsQuery = z.strictObject({ task });

export const modelParametersQuery = z.strictObject({
  deployment: word.meta(
    shown("Deployment", "The deployment that was chosen. Left empty, any that can do the task."),
  ),
  task,
});

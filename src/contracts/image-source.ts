import * as z from "zod";

/** Where an edit's input image or mask comes from. */

const madeImage = {
  job_id: z.string().max(64).meta({ description: "A job of your own." }),
  index: z.int().min(0).max(9).optional().meta({ description: "Which of its images. Default 0." }),
  input: z
    .union([z.int().min(0).max(15), z.literal("mask")])
    .optional()
    .meta({
      description:
        "In place of index: which of the images that edit began with, or its mask. Kept for a day.",
    }),
};
const isOneOfJob = ({ index, input }: { index?: unknown; input?: unknown }) =>
  index === undefined || input === undefined;
const oneOfJob = { message: "doesn't go with index", path: ["input"] };

/** An image of a job of the caller's, made by it or what it began with, as parts of a form name it. */
export const imageReference = z.strictObject(madeImage).refine(isOneOfJob, oneOfJob);
export type ImageReference = z.infer<typeof imageReference>;

export const imageSource = z
  .strictObject({
    upload_id: z.string().max(64).optional().meta({ description: "An upload of POST /api/uploads." }),
    url: z.string().max(2_048).optional().meta({ description: "A public https address." }),
    b64_json: z.string().optional().meta({
      description:
        "The file's bytes in base64: either alphabet, with or without line ends and padding; or a data URL.",
    }),
    job_id: madeImage.job_id.optional(),
    index: madeImage.index.meta({ description: "With job_id: which of its images. Default 0." }),
    input: madeImage.input,
  })
  .refine(
    ({ upload_id, url, b64_json, job_id }) =>
      [upload_id, url, b64_json, job_id].filter((value) => value !== undefined).length === 1,
    { message: "give exactly one of upload_id, url, b64_json and job_id" },
  )
  .refine(({ job_id, index }) => index === undefined || job_id !== undefined, {
    message: "goes with job_id alone",
    path: ["index"],
  })
  .refine(({ job_id, input }) => input === undefined || job_id !== undefined, {
    message: "goes with job_id alone",
    path: ["input"],
  })
  .refine(isOneOfJob, oneOfJob)
  .meta({
    id: "ImageSource",
    description: "An input image or mask: an upload, an address, its bytes, or an image of a job of yours.",
  });
export type ImageSource = z.infer<typeof imageSource>;

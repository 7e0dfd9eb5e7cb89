import * as z from "zod";
import { jobStatuses } from "../domain/image-job.ts";
import { tag } from "./requests.ts";

/** The parameters of GET /api/jobs, as they are once numbers are numbers. */
export const jobListQuery = z.strictObject({
  status: z.enum(jobStatuses).optional().meta({ description: "Jobs of this status only." }),
  model: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .meta({ description: "Jobs of this model only, also of one that isn't deployed any more." }),
  tag: tag.optional().meta({ description: "Jobs that carry this tag." }),
  limit: z.int().min(1).max(100).optional().meta({ description: "Most jobs to answer with. Default 20." }),
  cursor: z
    .string()
    .max(2_048)
    .optional()
    .meta({ description: "next_cursor of the page before, with the same filters." }),
});

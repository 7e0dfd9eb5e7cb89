import * as z from "zod";
import { failure, image, job, waiting } from "./http-api.ts";

/** The messages of a job's event stream. `event:` repeats `type`; `id:` is the event's number, from 1. */

const common = { job_id: z.string(), created_at: z.iso.datetime() };

export const jobEventReply = z
  .object({
    type: z.enum([
      "job.queued",
      "job.running",
      "job.waiting",
      "job.succeeded",
      "job.failed",
      "job.canceled",
      "image.partial",
      "image.succeeded",
      "image.refused",
      "image.failed",
    ]),
    ...common,
    index: z.int().optional().meta({ description: "The image, on events of images." }),
    waiting: waiting.optional().meta({ description: "On job.waiting, once for each reason." }),
    image: image.optional().meta({ description: "On image.succeeded." }),
    failure: failure.optional().meta({ description: "On image.refused and image.failed." }),
    partial_index: z.int().optional().meta({ description: "On image.partial: 0 for the coarsest." }),
    content_type: z.string().optional(),
    url: z.url().optional().meta({ description: "On image.partial: read-only link to the picture so far." }),
    url_expires_at: z.iso.datetime().optional(),
    b64_json: z.string().optional().meta({ description: "On image.partial, when asked with inline=1." }),
    job: job.optional().meta({ description: "On the event that ends the job: all of it." }),
  })
  .meta({
    id: "JobEvent",
    description:
      "Data of one message of the stream. The event that ends the job is the last; a stream that ends without one is to be opened again with Last-Event-ID.",
  });
export type JobEventReply = z.infer<typeof jobEventReply>;

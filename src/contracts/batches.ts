import type { ZodOpenApiPathsObject } from "zod-openapi";
import * as z from "zod";
import { batchFormats } from "../domain/batch.ts";
import { errorCodes, type ErrorCode } from "../domain/app-error.ts";
import { jobStatuses } from "../domain/image-job.ts";
import { failing, json, keyed } from "./openapi-parts.ts";
import { generationRequest } from "./requests.ts";

/** Batches: lists of generation requests, each of which becomes a job. */

export const lineStatuses = ["waiting", ...jobStatuses, "refused", "deleted"] as const;
export type LineStatus = (typeof lineStatuses)[number];

const lineError = z.object({
  code: z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]),
  message: z.string(),
  retryable: z.boolean(),
  param: z.string().optional().meta({ description: "The field at fault." }),
  allowed: z.array(z.union([z.string(), z.number(), z.boolean()])).optional(),
});

export const batchItem = z
  .object({
    line: z.int().meta({
      description:
        "The line of the CSV or JSONL file as an editor counts, where the header of a CSV is 1; of a JSON list the entry, from 1.",
    }),
    status: z.enum(lineStatuses).meta({
      description:
        "waiting: not accepted yet. refused: not accepted, and error says why. deleted: its job is gone. Otherwise its job's.",
    }),
    job_id: z.string().optional(),
    links: z
      .object({ self: z.string(), result: z.string() })
      .optional()
      .meta({ description: "Of its job; result needs no credentials." }),
    error: lineError.optional(),
  })
  .meta({ id: "BatchItem" });
export type BatchItemReply = z.infer<typeof batchItem>;

const batchFields = {
  id: z.string().meta({ examples: ["bat_7zxw0n3k1c5q8v2m4t6y9b3d5f7h9j1k"] }),
  status: z.enum(["running", "succeeded", "failed", "canceled"]).meta({
    description:
      "succeeded: every line has ended, whatever came of it; failed: it could not be read as a batch; canceled: it was, and all its jobs have ended.",
  }),
  format: z.enum(batchFormats),
  file: z.string().optional().meta({ description: "The file of generate-inbox that it came as." }),
  created_at: z.iso.datetime(),
  canceled_at: z.iso.datetime().optional(),
  finished_at: z.iso.datetime().optional(),
  expires_at: z.iso
    .datetime()
    .optional()
    .meta({ description: "From then on it may be removed (RETENTION_DAYS)." }),
  total: z.int().meta({ description: "How many lines it has." }),
  error: lineError.optional().meta({ description: "Why it could not be read as a batch." }),
  links: z.object({ self: z.string(), cancel: z.string() }),
};

export const batch = z
  .object({
    ...batchFields,
    counts: z.record(z.enum(lineStatuses), z.int()).meta({ description: "How many lines have each status." }),
    items: z.array(batchItem).meta({ description: "Its lines, in their order." }),
  })
  .meta({ id: "Batch" });
export type BatchReply = z.infer<typeof batch>;

export const batchList = z
  .object({
    batches: z.array(z.object(batchFields)),
    next_cursor: z.string().optional().meta({ description: "Of the next page; absent on the last one." }),
  })
  .meta({ id: "BatchList" });
export type BatchListReply = z.infer<typeof batchList>;

export const batchListQuery = z.strictObject({
  limit: z.int().min(1).max(100).optional().meta({ description: "Most batches to answer with. Default 20." }),
  cursor: z.string().max(2_048).optional().meta({ description: "next_cursor of the page before." }),
});

const batchId = z.object({ id: z.string().meta({ description: "Batch id." }) });
const text = (description: string) => ({ schema: z.string().meta({ description }) });

export const batchPaths: ZodOpenApiPathsObject = {
  "/api/batches": {
    post: {
      operationId: "createBatch",
      summary: "Generate from a list",
      description:
        "Each line becomes a job of its own, as if it were sent to /api/images/generations, as soon as your limits and the queue let it in. A line that is refused is named by its number, and the others run. At most 1000 lines and 8 MB.",
      requestParams: { header: keyed.header },
      requestBody: {
        required: true,
        content: {
          "application/json": { schema: z.array(generationRequest) },
          "application/jsonl": text("A request as JSON on each line."),
          "text/csv": text(
            "The first line names the columns: prompt, and any other field of a request. Separated by commas, semicolons or tabs.",
          ),
        },
      },
      responses: {
        "202": {
          description: "Accepted; read it at Location.",
          headers: {
            Location: { description: "The batch.", schema: { type: "string" } },
            "Idempotency-Replayed": {
              description: "`true` when the batch is that of an earlier request, which this one repeats.",
              required: false,
              schema: { type: "string" },
            },
          },
          content: json(batch),
        },
        ...failing("400", "401", "413", "415", "422"),
      },
    },
    get: {
      operationId: "listBatches",
      summary: "List batches",
      description: "Newest first, without their lines.",
      requestParams: { query: batchListQuery },
      responses: {
        "200": { description: "A page of the caller's batches.", content: json(batchList) },
        ...failing("400", "401"),
      },
    },
  },
  "/api/batches/{id}": {
    get: {
      operationId: "getBatch",
      summary: "Read a batch",
      requestParams: { path: batchId },
      responses: { "200": { description: "The batch.", content: json(batch) }, ...failing("401", "404") },
    },
    delete: {
      operationId: "deleteBatch",
      summary: "Delete a batch",
      description:
        "Removes a batch that has ended, with what its lines asked for. Its jobs stay, each to be deleted by itself.",
      requestParams: { path: batchId },
      responses: {
        "204": { description: "Deleted." },
        ...failing("401", "404"),
        "409": { ...failing("409")["409"], description: "It goes on; cancel it, or wait for its end." },
      },
    },
  },
  "/api/batches/{id}/cancel": {
    post: {
      operationId: "cancelBatch",
      summary: "Cancel a batch",
      description:
        "Its waiting lines are not accepted any more, and its open jobs are canceled. What is made stays.",
      requestParams: { path: batchId },
      responses: {
        "200": { description: "The batch, canceled now or before.", content: json(batch) },
        ...failing("401", "404", "409"),
      },
    },
  },
};

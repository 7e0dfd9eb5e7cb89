import * as z from "zod";

/** What a client reads of a job, by its own schema: the campaign trusts the wire, not the app's types. */
export const jobView = z.looseObject({
  id: z.string(),
  status: z.enum(["queued", "running", "succeeded", "failed", "canceled"]),
  images: z.array(z.looseObject({ index: z.number(), sha256: z.string(), content_url: z.string() })),
  failures: z.array(z.looseObject({ index: z.number(), code: z.string(), message: z.string() })),
  error: z.looseObject({ code: z.string(), message: z.string() }).optional(),
  repeated_calls: z.number().optional(),
  unanswered_calls: z.number().optional(),
});
export type JobView = z.infer<typeof jobView>;

export const hasEnded = (status: string) => ["succeeded", "failed", "canceled"].includes(status);

/** The service's own account of one call. Times in epoch milliseconds. */
const ledgerCall = z.looseObject({
  route: z.string(),
  status: z.number().nullable(),
  images_billed: z.number(),
  operation_id: z.string().optional(),
  started_at: z.number(),
  finished_at: z.number().nullable(),
});
export type LedgerCall = z.infer<typeof ledgerCall>;
export const ledgerView = z.looseObject({ calls: z.array(ledgerCall) });

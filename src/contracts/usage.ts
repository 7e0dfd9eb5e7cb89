import type { ZodOpenApiPathsObject } from "zod-openapi";
import * as z from "zod";
import { failing, json } from "./openapi-parts.ts";

/** What was spent, and on what. */

const days = {
  from: z.iso.date().optional().meta({ description: "First day, in UTC. Default: the first of this month." }),
  to: z.iso.date().optional().meta({ description: "Last day. Default: today. At most 92 days." }),
};
export const usageQuery = z.strictObject(days);
export const operatorUsageQuery = z.strictObject({
  ...days,
  caller: z.string().min(1).max(512).optional().meta({ description: "As `caller` of a job names it." }),
});

const line = z.object({
  day: z.iso.date().meta({ description: "When the jobs came, in UTC." }),
  model: z.string(),
  tags: z.array(z.string()),
  jobs: z.int(),
  open_jobs: z.int().meta({ description: "Of them: what they make is not counted yet." }),
  images: z.int(),
  input_tokens: z.int(),
  output_tokens: z.int(),
  cost: z
    .object({ currency: z.string(), actual: z.number() })
    .optional()
    .meta({ description: "Sum of the jobs' `cost.actual`, where there are prices." }),
});

export const budgetState = z
  .object({
    amount: z.number(),
    currency: z.string(),
    period: z.enum(["day", "month", "token"]),
    spent: z.number().meta({ description: "In this period, by jobs that have ended." }),
    reserved: z.number().meta({ description: "What open jobs may still cost." }),
    left: z.number(),
    renews_at: z.iso.datetime().optional().meta({ description: "Absent on what a token may spend." }),
  })
  .meta({ id: "BudgetState" });

const span = { from: z.iso.date(), to: z.iso.date() };

export const usageReport = z
  .object({
    ...span,
    budget: budgetState
      .optional()
      .meta({ description: "Shared with the subjects of your tokens; with a token, its `max_spend`." }),
    lines: z.array(line),
  })
  .meta({
    id: "UsageReport",
    description:
      "One line for each day, model and set of tags, latest first. Jobs that were deleted aren't in it.",
  });
export type UsageReport = z.infer<typeof usageReport>;

export const operatorUsageReport = z
  .object({
    ...span,
    budgets: z.array(budgetState.extend({ caller: z.string() })),
    lines: z.array(line.extend({ caller: z.string() })),
  })
  .meta({ id: "OperatorUsageReport" });
export type OperatorUsageReport = z.infer<typeof operatorUsageReport>;

export const usagePaths: ZodOpenApiPathsObject = {
  "/api/usage": {
    get: {
      operationId: "getUsage",
      summary: "What you have used and spent",
      requestParams: { query: usageQuery },
      responses: { "200": { description: "By day.", content: json(usageReport) }, ...failing("400", "401") },
    },
  },
};

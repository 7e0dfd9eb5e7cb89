import * as z from "zod";
import { cost, job } from "./http-api.ts";
import { accepting, json } from "./openapi-parts.ts";
import { budgetState } from "./usage.ts";

/** What a request with `dry_run` is answered with: checked and priced, and nothing recorded, sent or spent. */

export const dryRunReply = z
  .object({
    dry_run: z.literal(true),
    kind: z.enum(["generation", "edit"]),
    model: z.string(),
    deployment: z.string(),
    request: z
      .record(z.string(), z.unknown())
      .meta({ description: "What would be asked, defaults filled in." }),
    cost: cost.optional(),
    budget: budgetState.optional().meta({ description: "As it is now, without what this would cost." }),
  })
  .meta({ id: "DryRun" });
export type DryRunReply = z.infer<typeof dryRunReply>;

/** As `accepting`, for what can be tried without being run. */
export const acceptingOrDry = {
  ...accepting,
  responses: {
    ...accepting.responses,
    "200": {
      ...accepting.responses["200"],
      description: `${accepting.responses["200"].description} With dry_run: what it would cost.`,
      content: json(z.union([job, dryRunReply])),
    },
  },
};

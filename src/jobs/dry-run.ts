import type { HttpResponseInit } from "@azure/functions";
import type { DryRunReply } from "../contracts/dry-run.ts";
import { type Identity, requireJobAllowed } from "../domain/identity.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import { respondJson } from "../http/respond.ts";
import type { JobRecord } from "../ports/records.ts";
import { type JobAccounts, withSpendCap } from "./job-accounts.ts";
import { viewJob } from "./job-view.ts";
import { showBudget } from "./usage-report.ts";

/**
 * Says where a job would run and what it would cost, with nothing recorded. Throws what the job itself would be refused with:
 * `forbidden`, `throttled`, `budgetExceeded`. How long it would wait is not looked at.
 */
export async function dryRun(
  { accounts }: { accounts: JobAccounts },
  draft: JobRecord,
  identity: Identity | undefined,
): Promise<HttpResponseInit> {
  if (identity) requireJobAllowed(identity, draft);
  const job = withSpendCap(draft, identity?.token);
  await accounts.check(job);
  const budget = await accounts.budgetOf(job.caller, identity?.token);
  const { kind, model, deployment } = job;
  const { request, cost } = viewJob(job, { slots: [], calls: [] });
  const reply: DryRunReply = withoutAbsent({
    dry_run: true as const,
    kind,
    model,
    deployment,
    request,
    cost,
    budget: budget && showBudget(budget),
  });
  return respondJson(200, reply, { "x-darkroom-model": model });
}

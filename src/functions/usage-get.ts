import { checkShape } from "../contracts/check-shape.ts";
import {
  type OperatorUsageReport,
  operatorUsageQuery,
  type UsageReport,
  usageQuery,
} from "../contracts/usage.ts";
import { ownerOf } from "../domain/identity.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { respondJson } from "../http/respond.ts";
import type { JobFinder } from "../jobs/find-job.ts";
import type { JobAccounts } from "../jobs/job-accounts.ts";
import { readUsage, showBudget, showLine, type UsageDeps } from "../jobs/usage-report.ts";
import { readQuery } from "./jobs-list.ts";
import { operatorEndpoint, type OperatorDeps } from "./operator-endpoint.ts";

type Dependencies = UsageDeps & Pick<JobFinder, "ids"> & { accounts: Pick<JobAccounts, "budgetOf"> };

/** What the caller's own jobs have used, and what is left of their budget. */
export const usageGet = (deps: Dependencies): Endpoint => ({
  name: "usage-get",
  method: "GET",
  route: "api/usage",
  access: "caller",
  async handle({ request, caller, identity }) {
    const query = checkShape(readQuery(request), usageQuery, "query");
    const used = await readUsage(deps, query, { caller, callerTag: deps.ids.tagOf(caller) });
    const budget = await deps.accounts.budgetOf(caller, identity?.token);
    const report: UsageReport = withoutAbsent({
      ...used,
      lines: used.lines.map(showLine),
      budget: budget && showBudget(budget),
    });
    return respondJson(200, report);
  },
});

/** The same of all callers, or of one. */
export const operatorUsageGet = (deps: Dependencies & OperatorDeps): Endpoint =>
  operatorEndpoint(deps, {
    name: "usage-get",
    method: "GET",
    route: "usage",
    async handle({ request }) {
      const { caller, ...query } = checkShape(readQuery(request), operatorUsageQuery, "query");
      const of = caller === undefined ? undefined : { caller, callerTag: deps.ids.tagOf(caller) };
      const { lines, ...days } = await readUsage(deps, query, of);
      const report: OperatorUsageReport = {
        ...days,
        budgets: await budgetsOf(deps, caller === undefined ? lines.map((line) => line.caller) : [caller]),
        lines: lines.map((line) => ({ caller: line.caller, ...showLine(line) })),
      };
      return respondJson(200, report);
    },
  });

/** Those of the owners, which their subjects share. */
async function budgetsOf({ accounts }: Dependencies, callers: readonly string[]) {
  const found: OperatorUsageReport["budgets"] = [];
  for (const caller of new Set(callers.map((one) => ownerOf(one)))) {
    const budget = await accounts.budgetOf(caller, undefined);
    if (budget) found.push({ caller, ...showBudget(budget) });
  }
  return found;
}

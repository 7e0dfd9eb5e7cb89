import type { Endpoint } from "../http/endpoint.ts";
import { findJobOf } from "../jobs/find-job.ts";
import { retryJob, type RetryJobDeps } from "../jobs/retry-job.ts";

/** Asks anew for what the caller's own failed job asked for. */
export const jobRetryPost = (deps: RetryJobDeps): Endpoint => ({
  name: "job-retry-post",
  method: "POST",
  route: "api/jobs/{id}/retry",
  access: "caller",
  runsJobs: true,
  async handle({ request, params, caller, identity, context }) {
    const [failed] = await findJobOf(deps, caller, params["id"] ?? "");
    return retryJob(deps, failed, { request, context, identity });
  },
});

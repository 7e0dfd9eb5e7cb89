import type { Endpoint } from "../http/endpoint.ts";
import { findJobOf, type JobFinder } from "../jobs/find-job.ts";
import { toJobResource, type JobResourceDeps } from "../jobs/job-resource.ts";
import { respondJson } from "../http/respond.ts";

/** The job as it stands. */
export const jobsGet = (deps: JobFinder & JobResourceDeps): Endpoint => ({
  name: "jobs-get",
  method: "GET",
  route: "api/jobs/{id}",
  access: "caller",
  async handle({ request, params, caller }) {
    const [job, progress] = await findJobOf(deps, caller, params["id"] ?? "");
    return respondJson(200, await toJobResource(deps, job, progress, deps.originOf(request)));
  },
});

import type { Endpoint } from "./endpoint.ts";
import { findJobOf, type JobFinder } from "./find-job.ts";
import { presentJob, type Presenter } from "./present-job.ts";
import { respondJson } from "./respond.ts";

/** The job as it stands. */
export const jobsGet = (deps: JobFinder & Presenter): Endpoint => ({
  name: "jobs-get",
  method: "GET",
  route: "api/jobs/{id}",
  access: "caller",
  async handle({ request, params, caller }) {
    const [job, progress] = await findJobOf(deps, caller, params["id"] ?? "");
    return respondJson(200, await presentJob(deps, job, progress, deps.originOf(request)));
  },
});

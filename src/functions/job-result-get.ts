import { failureOf } from "../jobs/job-view.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { findForReader, type SignedReading } from "../jobs/find-job.ts";
import { toJobResource, type JobResourceDeps } from "../jobs/job-resource.ts";
import { renderFacts, respondAccepted, respondJson } from "../http/respond.ts";

type Dependencies = SignedReading & JobResourceDeps;

/**
 * What an asynchronous-pattern client polls: 202 with the same address while the job runs, then 200, 422 or 410. A job
 * that failed must not end in 429 or 5xx: such a client would post it again.
 */
export const jobResultGet = (deps: Dependencies): Endpoint => ({
  name: "job-result-get",
  method: "GET",
  route: "api/jobs/{id}/result",
  access: "callerOrSignature",
  async handle(call) {
    const { request, requestId } = call;
    const [job, progress] = await findForReader(deps, call);
    const origin = deps.originOf(request);
    const shown = await toJobResource(deps, job, progress, origin);
    switch (job.status) {
      case "queued":
      case "running":
        return respondAccepted(shown);
      case "succeeded":
        return respondJson(200, shown);
      case "failed":
        return respondJson(422, { error: renderFacts(failureOf(job), requestId), job: shown });
      case "canceled":
        return respondJson(410, { error: renderFacts(failureOf(job), requestId), job: shown });
    }
  },
});

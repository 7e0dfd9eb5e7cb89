import { factsOf, Fault } from "../domain/fault.ts";
import type { JobProgress, JobRecord } from "../records.ts";
import type { Endpoint, EndpointCall } from "./endpoint.ts";
import { findJob, findJobOf, type JobFinder } from "./find-job.ts";
import { presentJob, type Presenter } from "./present-job.ts";
import { renderFacts, respondAccepted, respondJson } from "./respond.ts";

type Dependencies = JobFinder & Presenter;

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
    const { origin } = new URL(request.url);
    const shown = await presentJob(deps, job, progress, origin);
    switch (job.status) {
      case "queued":
      case "running":
        return respondAccepted(shown);
      case "succeeded":
        return respondJson(200, shown);
      case "failed": {
        const fault = job.fault ?? factsOf("internal", "The job failed for a reason that was not recorded.");
        return respondJson(422, { error: renderFacts(fault, requestId), job: shown });
      }
      case "canceled":
        return respondJson(410, {
          error: renderFacts(factsOf("expired", "The job was canceled."), requestId),
          job: shown,
        });
    }
  },
});

/** A genuine address opens its job to whoever holds it; without one, the job must be the caller's own. */
async function findForReader(
  deps: Dependencies,
  { request, params, caller }: EndpointCall,
): Promise<[JobRecord, JobProgress]> {
  const jobId = params["id"] ?? "";
  const given = {
    expires: request.query.get("expires") ?? "",
    signature: request.query.get("signature") ?? "",
  };
  if (deps.signer.verify(jobId, given)) return findJob(deps.jobs, jobId);
  if (caller !== "") return findJobOf(deps, caller, jobId);
  throw new Fault(
    "unauthorized",
    "This address is not genuine or has expired. Ask for the job with your key.",
  );
}

import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import { toConnectorError, toJobError } from "./contracts/results.ts";
import type { ResultSigner } from "../ports/callers.ts";
import type { JobProgress, JobRecord } from "../ports/records.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { respondJson } from "../http/respond.ts";
import { type JobPresenter, presentImageJob, presentImageResult } from "./view.ts";
import { failureOf } from "../jobs/job-view.ts";
import type { Addressing } from "../http/origin-of.ts";

export const basePath = "api/connector";

/** What all operations of the connector share: where they are, and how their errors are worded. */
export const connectorEndpoint = (endpoint: Endpoint): Endpoint => ({
  ...endpoint,
  name: `connector-${endpoint.name}`,
  route: `${basePath}/${endpoint.route}`,
  renderError: toConnectorError,
});

/** An action that makes a job of what is posted to it. */
export const jobAction = (name: string, route: string, handle: Endpoint["handle"]): Endpoint =>
  connectorEndpoint({ name, method: "POST", route, access: "caller", runsJobs: true, handle });

export interface ActionPresenter extends JobPresenter, Addressing {
  signer: ResultSigner;
}

export interface Poll {
  request: HttpRequest;
  requestId: string;
  includeContent: boolean;
  /** Whether an action that made nothing ends well all the same, and tells why. */
  goesOn: boolean;
}

// A connection may send 500 requests a minute, and a loop of a workflow waits for fifty jobs at once.
const pollAfterSeconds = 5;

/**
 * An asynchronous action's answer, to its request and to each poll alike: 202 with a signed address while the job runs,
 * then 200, 422 or 410. A job that failed must not end in 429 or 5xx: the engine would post it again.
 */
export async function respondAction(
  deps: ActionPresenter,
  [job, progress]: [JobRecord, JobProgress],
  poll: Poll,
  headers: Record<string, string> = {},
): Promise<HttpResponseInit> {
  switch (job.status) {
    case "queued":
    case "running":
      return respondJson(202, await presentImageJob(deps, job, progress), {
        ...headers,
        location: resultAddress(deps, job.id, poll),
        "retry-after": String(pollAfterSeconds),
      });
    case "succeeded":
      return respondJson(200, await presentImageResult(deps, job, progress, poll), headers);
    case "failed":
    case "canceled":
      return poll.goesOn
        ? respondJson(200, await presentImageResult(deps, job, progress, poll), headers)
        : respondJson(
            job.status === "failed" ? 422 : 410,
            toJobError(failureOf(job), poll.requestId, job.id),
            headers,
          );
  }
}

/** Absolute, and enough by itself: polls come without credentials. */
function resultAddress(
  { signer, originOf }: ActionPresenter,
  jobId: string,
  { request, includeContent, goesOn }: Poll,
): string {
  const address = new URL(`${originOf(request)}/${basePath}/jobs/${jobId}/result`);
  if (includeContent) address.searchParams.set("includeContent", "true");
  if (goesOn) address.searchParams.set("onFailure", "continue");
  const { expires, signature } = signer.sign(jobId);
  address.searchParams.set("expires", expires);
  address.searchParams.set("signature", signature);
  return address.href;
}

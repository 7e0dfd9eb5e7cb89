import type { HttpRequest } from "@azure/functions";
import type { ImageJobList } from "./contracts/schemas.ts";
import { contentQuery, listImageJobsQuery } from "./contracts/requests.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import { cancelJob, type CancelJobDeps } from "../functions/job-cancel-post.ts";
import { deleteJob, type DeleteJobDeps } from "../functions/jobs-delete.ts";
import { type Paging, readPage } from "../functions/jobs-list.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { findForReader, findJobOf, type JobFinder, type SignedReading } from "../jobs/find-job.ts";
import { respondJson } from "../http/respond.ts";
import { type ActionPresenter, connectorEndpoint, type Poll, respondAction } from "./answers.ts";
import { type JobPresenter, presentImageJob } from "./view.ts";
import { readInputQuery } from "./read-input-body.ts";

/** The job as it stands, whatever it has come to. */
export const getImageJob = (deps: JobFinder & JobPresenter): Endpoint =>
  connectorEndpoint({
    name: "get-image-job",
    method: "GET",
    route: "jobs/{jobId}",
    access: "caller",
    async handle({ request, params, caller }) {
      const query = readInputQuery(request, contentQuery);
      const found = await findJobOf(deps, caller, params["jobId"] ?? "");
      return respondJson(200, await presentImageJob(deps, ...found, wanted(query)));
    },
  });

/** What an action's polls ask, with the action's own address as their only credentials. */
export const getImageJobResult = (deps: SignedReading & ActionPresenter): Endpoint =>
  connectorEndpoint({
    name: "get-image-job-result",
    method: "GET",
    route: "jobs/{jobId}/result",
    access: "callerOrSignature",
    async handle({ request, params, caller, requestId }) {
      const found = await findForReader(deps, { request, caller, params: { id: params["jobId"] } });
      return respondAction(deps, found, { request, requestId, ...asked(request) });
    },
  });

export const listImageJobs = (deps: Paging & JobPresenter): Endpoint =>
  connectorEndpoint({
    name: "list-image-jobs",
    method: "GET",
    route: "jobs",
    access: "caller",
    async handle({ request, caller }) {
      const query = readInputQuery(request, listImageJobsQuery);
      const { jobs, next } = await readPage(deps, caller, query);
      const body: ImageJobList = withoutAbsent({
        value: await Promise.all(jobs.map(([job, progress]) => presentImageJob(deps, job, progress))),
        nextCursor: next,
      });
      return respondJson(200, body);
    },
  });

export const cancelImageJob = (deps: CancelJobDeps & JobPresenter): Endpoint =>
  connectorEndpoint({
    name: "cancel-image-job",
    method: "POST",
    route: "jobs/{jobId}/cancel",
    access: "caller",
    runsJobs: true,
    async handle({ params, caller, context }) {
      const found = await cancelJob(deps, { caller, id: params["jobId"] ?? "" }, context);
      return respondJson(200, await presentImageJob(deps, ...found));
    },
  });

export const deleteImageJob = (deps: DeleteJobDeps): Endpoint =>
  connectorEndpoint({
    name: "delete-image-job",
    method: "DELETE",
    route: "jobs/{jobId}",
    access: "caller",
    runsJobs: true,
    async handle({ params, caller, context }) {
      await deleteJob(deps, { caller, id: params["jobId"] ?? "" }, context);
      return { status: 204 };
    },
  });

function wanted({ includeContent }: { includeContent?: boolean | undefined }) {
  return { includeContent: includeContent === true };
}

/** The address was written here; whatever else a gateway adds to it is passed over. */
function asked({ query }: HttpRequest): Pick<Poll, "includeContent" | "goesOn"> {
  return {
    includeContent: query.get("includeContent")?.toLowerCase() === "true",
    goesOn: query.get("onFailure") === "continue",
  };
}

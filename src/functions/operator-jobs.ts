import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import type * as z from "zod";
import { checkShape } from "../contracts/check-shape.ts";
import { type OperatorJob, operatorJobsQuery } from "../contracts/operator.ts";
import { invalidRequest } from "../domain/app-error.ts";
import { readCursor, writeCursor } from "../domain/list-cursor.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type { AllJobs } from "../ports/jobs.ts";
import type { JobProgress, JobRecord } from "../ports/records.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { respondJson } from "../http/respond.ts";
import { findJob, withDecidedEnd } from "../jobs/find-job.ts";
import { toJobResource, type JobResourceDeps } from "../jobs/job-resource.ts";
import { retryJob, type RetryJobDeps } from "../jobs/retry-job.ts";
import { cancelJob, type CancelJobDeps } from "./job-cancel-post.ts";
import { type Paging, readPage, readQuery } from "./jobs-list.ts";
import { operatorEndpoint, type OperatorDeps } from "./operator-endpoint.ts";

export type OperatorJobDeps = OperatorDeps & JobResourceDeps & Paging & { allJobs: AllJobs };

const defaultLimit = 20;

/** Jobs of all callers, or of one. */
export const operatorJobsList = (deps: OperatorJobDeps): Endpoint =>
  operatorEndpoint(deps, {
    name: "jobs-list",
    method: "GET",
    route: "jobs",
    async handle({ request }) {
      const { caller, ...query } = checkShape(readQuery(request), operatorJobsQuery, "query");
      const { jobs, next } =
        caller === undefined ? await readAll(deps, query) : await readPage(deps, caller, query);
      const shown = await Promise.all(jobs.map((found) => present(deps, found, request)));
      return respondJson(200, withoutAbsent({ jobs: shown, next_cursor: next }));
    },
  });

export const operatorJobsGet = (deps: OperatorJobDeps): Endpoint =>
  operatorEndpoint(deps, {
    name: "jobs-get",
    method: "GET",
    route: "jobs/{id}",
    handle: async ({ request, params }) =>
      respondJob(deps, await findJob(deps.jobs, params["id"] ?? ""), request),
  });

export const operatorJobCancel = (deps: OperatorJobDeps & CancelJobDeps): Endpoint =>
  operatorEndpoint(deps, {
    name: "job-cancel",
    method: "POST",
    route: "jobs/{id}/cancel",
    runsJobs: true,
    async handle({ request, params, context }) {
      const [{ id, caller }] = await findJob(deps.jobs, params["id"] ?? "");
      return respondJob(deps, await cancelJob(deps, { id, caller }, context), request);
    },
  });

/** The caller's cap and scopes don't stand in an operator's way: it is the operator who asks. */
export const operatorJobRetry = (deps: OperatorDeps & RetryJobDeps): Endpoint =>
  operatorEndpoint(deps, {
    name: "job-retry",
    method: "POST",
    route: "jobs/{id}/retry",
    runsJobs: true,
    async handle({ request, params, context }) {
      const [failed] = await findJob(deps.jobs, params["id"] ?? "");
      return retryJob(deps, failed, { request, context, identity: undefined });
    },
  });

async function readAll(
  { allJobs, jobs, cursors }: OperatorJobDeps,
  { status, limit = defaultLimit, cursor }: Omit<z.infer<typeof operatorJobsQuery>, "caller">,
): Promise<{ jobs: [JobRecord, JobProgress][]; next: string | undefined }> {
  const list = JSON.stringify(["all callers", status ?? null]);
  const after = cursor === undefined ? undefined : readCursor(list, cursor, cursors);
  if (cursor !== undefined && after === undefined) {
    const message = "cursor is not next_cursor of a page of this list. Begin again without it.";
    throw invalidRequest([{ param: "cursor", message }]);
  }
  const page = await allJobs.list({ status, limit, after });
  const found = await Promise.all(
    page.jobs.map(async (job): Promise<[JobRecord, JobProgress]> => {
      const progress = await jobs.readProgress(job.id);
      return [withDecidedEnd(job, progress), progress];
    }),
  );
  return { jobs: found, next: page.next === undefined ? undefined : writeCursor(list, page.next, cursors) };
}

async function respondJob(
  deps: JobResourceDeps,
  found: [JobRecord, JobProgress],
  request: HttpRequest,
): Promise<HttpResponseInit> {
  return respondJson(200, await present(deps, found, request));
}

async function present(
  deps: JobResourceDeps,
  [job, progress]: [JobRecord, JobProgress],
  request: HttpRequest,
): Promise<OperatorJob> {
  return { ...(await toJobResource(deps, job, progress, deps.originOf(request))), caller: job.caller };
}

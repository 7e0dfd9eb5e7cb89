import type { HttpRequest } from "@azure/functions";
import type * as z from "zod";
import { checkShape } from "../contracts/check-shape.ts";
import type { JobList } from "../contracts/http-api.ts";
import { jobListQuery } from "../contracts/list-query.ts";
import { invalidRequest } from "../domain/app-error.ts";
import { nameOfList, readCursor, writeCursor } from "../domain/list-cursor.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type { CursorSigner } from "../ports/callers.ts";
import type { JobProgress, JobRecord } from "../ports/records.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { withDecidedEnd, type JobFinder } from "../jobs/find-job.ts";
import { toJobResource, type JobResourceDeps } from "../jobs/job-resource.ts";
import { respondJson } from "../http/respond.ts";

export const defaultLimit = 20;

export interface Paging extends JobFinder {
  cursors: CursorSigner;
}

/** The caller's jobs, newest first, page by page. */
export const jobsList = (deps: Paging & JobResourceDeps): Endpoint => ({
  name: "jobs-list",
  method: "GET",
  route: "api/jobs",
  access: "caller",
  async handle({ request, caller }) {
    const { jobs, next } = await readPage(
      deps,
      caller,
      checkShape(readQuery(request), jobListQuery, "query"),
    );
    const origin = deps.originOf(request);
    const body: JobList = withoutAbsent({
      jobs: await Promise.all(jobs.map(([job, progress]) => toJobResource(deps, job, progress, origin))),
      next_cursor: next,
    });
    return respondJson(200, body);
  },
});

/** One page of a caller's jobs as they stand, and the cursor of the next. */
export async function readPage(
  { jobs, ids, cursors }: Paging,
  caller: string,
  { limit = defaultLimit, cursor, ...given }: z.infer<typeof jobListQuery>,
): Promise<{ jobs: [JobRecord, JobProgress][]; next: string | undefined }> {
  const filters = withoutAbsent(given);
  const list = nameOfList(caller, filters);
  const after = cursor === undefined ? undefined : placeOf(list, cursor, cursors);
  const callerTag = ids.tagOf(caller);
  const page = await jobs.list(withoutAbsent({ ...filters, caller, callerTag, limit, after }));
  return {
    jobs: page.jobs.map(([job, progress]) => [withDecidedEnd(job, progress), progress]),
    next: page.next === undefined ? undefined : writeCursor(list, page.next, cursors),
  };
}

/** Parameters as the schema knows them. What no number can be made of is left for the schema to refuse. */
export function readQuery({ query }: HttpRequest): Record<string, unknown> {
  const names = [...query.keys()];
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) {
    const param = twice.slice(0, 64);
    throw invalidRequest([{ param, message: `${param} may be given once.` }]);
  }
  const limit = query.get("limit") ?? "";
  return { ...Object.fromEntries(query), ...(/^\d{1,9}$/.test(limit) && { limit: Number(limit) }) };
}

export function placeOf(list: string, cursor: string, cursors: CursorSigner): string {
  const place = readCursor(list, cursor, cursors);
  if (place !== undefined) return place;
  const message =
    "cursor is not next_cursor of a page of this list. Begin again without it, or keep the filters.";
  throw invalidRequest([{ param: "cursor", message }]);
}

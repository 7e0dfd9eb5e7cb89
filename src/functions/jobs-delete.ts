import type { InvocationContext } from "@azure/functions";
import { AppError } from "../domain/app-error.ts";
import { isTerminal } from "../domain/image-job.ts";
import { tagOfId } from "../domain/job-id.ts";
import type { JobRunner } from "../ports/jobs.ts";
import { removeJob, type RemoveJobDeps } from "../retention/remove-job.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { findJobOf, type JobFinder } from "../jobs/find-job.ts";

export interface DeleteJobDeps extends JobFinder, RemoveJobDeps {
  runner: (context: InvocationContext) => JobRunner;
}

/** Removes an ended job, its images and its inputs, for good. */
export const jobsDelete = (deps: DeleteJobDeps): Endpoint => ({
  name: "jobs-delete",
  method: "DELETE",
  route: "api/jobs/{id}",
  access: "caller",
  runsJobs: true,
  async handle({ params, caller, context }) {
    await deleteJob(deps, { caller, id: params["id"] ?? "" }, context);
    return { status: 204 };
  },
});

/** Removes the caller's own job, or goes on with a removal that was cut off. Throws `conflict` while the job goes on. */
export async function deleteJob(
  deps: DeleteJobDeps,
  { id, caller }: { id: string; caller: string },
  context: InvocationContext,
): Promise<void> {
  const runner = deps.runner(context);
  const isOwn = tagOfId("job", id) === deps.ids.tagOf(caller);
  const begun = isOwn ? await deps.rows.readDeleted(id) : undefined;
  if (begun?.caller === caller) return removeJob(deps, runner, begun);
  const [job] = await findJobOf(deps, caller, id);
  if (!isTerminal(job.status))
    throw new AppError(
      "conflict",
      `This job is ${job.status}. Cancel it, or wait for its end, before you delete it.`,
    );
  await removeJob(deps, runner, job);
}

import { Fault } from "../domain/fault.ts";
import { isTerminal } from "../domain/image-job.ts";
import { tagOfId } from "../domain/job-id.ts";
import { removeJob, type Removing } from "../upkeep/remove-job.ts";
import type { Endpoint } from "./endpoint.ts";
import { findJobOf, type JobFinder } from "./find-job.ts";

/** Removes an ended job, its images and its inputs, for good. */
export const jobsDelete = (deps: JobFinder & Removing): Endpoint => ({
  name: "jobs-delete",
  method: "DELETE",
  route: "api/jobs/{id}",
  access: "caller",
  async handle({ params, caller }) {
    await deleteJob(deps, { caller, id: params["id"] ?? "" });
    return { status: 204 };
  },
});

/** Removes the caller's own job, or goes on with a removal that was cut off. Throws `conflict` while the job goes on. */
export async function deleteJob(
  deps: JobFinder & Removing,
  { id, caller }: { id: string; caller: string },
): Promise<void> {
  const isOwn = tagOfId("job", id) === deps.ids.tagOf(caller);
  const begun = isOwn ? await deps.rows.readDeleted(id) : undefined;
  if (begun?.caller === caller) return removeJob(deps, begun);
  const [job] = await findJobOf(deps, caller, id);
  if (!isTerminal(job.status))
    throw new Fault(
      "conflict",
      `This job is ${job.status}. Cancel it, or wait for its end, before you delete it.`,
    );
  await removeJob(deps, job);
}

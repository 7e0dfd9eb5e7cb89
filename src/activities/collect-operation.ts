import type { CallStep } from "../contracts/workflow.ts";
import { Fault } from "../domain/fault.ts";
import type { OperationOutcome } from "../domain/upstream-outcome.ts";
import type { JobRecord } from "../records.ts";
import { recordReply, sweep } from "./end-call.ts";
import { isOver, missingSlots, type UpstreamDependencies } from "./upstream-call.ts";

// Ten downloads at most; a stuck one must not hold the step for long, since it can simply be run again.
const longestPollMs = 2 * 60_000;
const longestDiscardMs = 30_000;

/** Asks where an operation stands and, once it is done, downloads and keeps the images that are still missing. */
export const collectOperationWith =
  (deps: UpstreamDependencies) =>
  async (step: CallStep): Promise<OperationOutcome> => {
    const [job, progress] = await Promise.all([
      deps.jobs.read(step.jobId),
      deps.jobs.readProgress(step.jobId),
    ]);
    const record = progress.calls.find(({ call }) => call === step.call);
    if (!job) return sweep(deps, step);
    if (record?.operation === undefined) throw new Fault("internal", "the operation's record is gone");
    if (record.outcome) return record.outcome;
    if (isOver(job, progress)) return withdraw(deps, step, job, record.operation);

    const wanted = missingSlots(step, progress);
    const positions = wanted.map((index) => step.slots.indexOf(index));
    const model = deps.models.at(job.deployment);
    const reply = await model.poll(
      job.request,
      record.operation,
      positions,
      AbortSignal.timeout(longestPollMs),
    );
    if (reply.kind === "pending") return reply;
    if (await deps.jobs.hasEnded(step.jobId)) return withdraw(deps, step, job, record.operation);
    return recordReply(deps, step, { wanted, salvaged: [] }, reply);
  };

/** Nobody waits for the operation any more: it is removed at the service, as soon as the service lets it go. */
async function withdraw(
  deps: UpstreamDependencies,
  step: CallStep,
  { deployment }: JobRecord,
  operation: string,
): Promise<OperationOutcome> {
  const removed = await deps.models.at(deployment).discard(operation, AbortSignal.timeout(longestDiscardMs));
  return removed.kind === "pending" ? removed : sweep(deps, step);
}

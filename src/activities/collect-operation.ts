import type { CallStep } from "../contracts/workflow.ts";
import { Fault } from "../domain/fault.ts";
import type { OperationOutcome } from "../domain/upstream-outcome.ts";
import { missingSlots, recordReply, type UpstreamDependencies } from "./upstream-call.ts";

// Ten downloads at most; a stuck one must not hold the step for long, since it can simply be run again.
const longestPollMs = 2 * 60_000;

/** Asks where an operation stands and, once it is done, downloads and keeps the images that are still missing. */
export const collectOperationWith =
  (deps: UpstreamDependencies) =>
  async (step: CallStep): Promise<OperationOutcome> => {
    const [job, progress] = await Promise.all([
      deps.jobs.read(step.jobId),
      deps.jobs.readProgress(step.jobId),
    ]);
    const record = progress.calls.find(({ call }) => call === step.call);
    if (!job || record?.operation === undefined)
      throw new Fault("internal", "the operation's record is gone");
    if (record.outcome) return record.outcome;

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
    return recordReply(deps, step, { wanted, salvaged: [] }, reply);
  };

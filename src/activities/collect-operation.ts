import type { CallStep } from "../contracts/workflow.ts";
import { Fault } from "../domain/fault.ts";
import type { OperationOutcome } from "../domain/upstream-outcome.ts";
import type { JobRecord } from "../records.ts";
import { recordReply, sweep } from "./end-call.ts";
import { GatheredImages } from "./gathered-images.ts";
import { keepImages } from "./keep-images.ts";
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
    const gathered = new GatheredImages();
    const timeUp = AbortSignal.timeout(longestPollMs);
    const poll = model.poll(job.request, record.operation, positions, timeUp, gathered);
    const reply = await poll.catch(async (error: unknown) => {
      await keepGathered(deps, step, wanted, gathered);
      throw error;
    });
    if (reply.kind === "pending") return reply;
    if (await deps.jobs.hasEnded(step.jobId)) return withdraw(deps, step, job, record.operation);
    return recordReply(deps, step, { wanted, salvaged: [] }, reply, gathered);
  };

/** What came of an operation before its poll failed: the next poll asks for the others alone. */
async function keepGathered(
  { jobs, images }: UpstreamDependencies,
  { jobId, call }: CallStep,
  wanted: readonly number[],
  gathered: GatheredImages,
): Promise<void> {
  if (gathered.size === 0 || (await jobs.hasEnded(jobId))) return;
  const came = wanted.flatMap((index, position) => {
    const item = gathered.at(position);
    return item ? [{ index, item }] : [];
  });
  const slots = came.map(({ index }) => index);
  const items = came.map(({ item }) => item);
  const { records } = await keepImages(images, jobId, slots, items);
  if (records.length > 0) await jobs.closeCall(jobId, call, (record) => record, records);
}

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

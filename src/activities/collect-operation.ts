import type { CallStep } from "../contracts/workflow.ts";
import { AppError, errorInfo, UpstreamError } from "../domain/app-error.ts";
import type { OperationOutcome } from "../domain/upstream-outcome.ts";
import type { PollReply } from "../ports/image-model.ts";
import type { JobRecord } from "../ports/records.ts";
import { answerOf } from "./answer-of.ts";
import { receiveImages } from "./receive-images.ts";
import { settleAnswer } from "./settle-answer.ts";
import { settleReply } from "./settle-call.ts";
import type { Patience } from "./storage-patience.ts";
import { discard, finishAnswered, findCall, isOver, missingSlots } from "./find-call.ts";
import { callClock, type UpstreamDependencies } from "./acquire-call.ts";

const maxPollMs = 2 * 60_000;
const maxDiscardMs = 30_000;
// The operation is paid for and asking costs nothing, so only the job's deadline ends the asking.
const untilDeadline = 24 * 60 * 60_000;

/** Asks where an operation stands and, once it is done, keeps the images that are still missing. */
export const collectOperationWith =
  (deps: UpstreamDependencies) =>
  async (step: CallStep): Promise<OperationOutcome> => {
    const clock = callClock(deps);
    const { patience } = clock;
    const found = await findCall(deps, step, patience);
    if (!found) return patience(() => discard(deps, step));
    const { job, progress, record } = found;
    if (record?.outcome) return record.outcome;
    if (record?.operation === undefined) throw new AppError("internal", "the operation's record is gone");
    if (isOver(job, progress)) return withdraw(deps, step, job, record.operation, patience);
    const answered = await finishAnswered(deps, found, clock);
    if (answered) return answered;

    const place = deps.callLimit.tryAcquire(job.deployment);
    if (place.kind === "full") return { kind: "busy", retryAt: place.retryAt };
    const wanted = missingSlots(step, progress);
    // An answer is by position within the call; of a slot that has its end nothing more is taken.
    const positions = step.slots.map((index) => (wanted.includes(index) ? index : undefined));
    const receiver = receiveImages(deps, job, positions, new AbortController().signal);
    try {
      const ageMs = deps.clock.now().getTime() - Date.parse(record.submittedAt ?? job.createdAt);
      const signal = AbortSignal.timeout(maxPollMs);
      const model = deps.models.at(job.deployment);
      const reply = await model
        .poll(job.request, record.operation, ageMs, signal, receiver)
        .catch(unavailable);
      if (reply.kind === "pending") return reply;
      if (await patience(() => deps.jobs.hasEnded(step.jobId)))
        return await withdraw(deps, step, job, record.operation, patience);
      if (reply.kind === "images") {
        const answer = answerOf(reply, { wanted: positions, recovered: [] }, receiver, deps.clock.now());
        return await settleAnswer(deps, { step, job }, answer, clock);
      }
      if (reply.kind === "unavailable")
        return { ...reply, mayBeBilled: false, patienceMs: reply.patienceMs ?? untilDeadline };
      const call = { attempt: "", wanted, recovered: [] };
      return await settleReply(deps, step, call, reply, patience);
    } finally {
      await receiver.release();
      place.release();
    }
  };

/** A poll that broke says nothing of the operation. */
function unavailable(error: unknown): PollReply {
  if (!(error instanceof UpstreamError)) throw error;
  const failure = errorInfo(error.code, error.detail);
  return { kind: "unavailable", failure, retryAfterMs: 0, mayBeBilled: false };
}

/** Nobody waits for the operation any more: it is removed at the service, as soon as the service lets it go. */
async function withdraw(
  deps: UpstreamDependencies,
  step: CallStep,
  { deployment }: JobRecord,
  operation: string,
  patience: Patience,
): Promise<OperationOutcome> {
  // First what may have been stored: the service may not let go of the operation before the job's deadline.
  await patience(() => discard(deps, step));
  const removed = await deps.models.at(deployment).discard(operation, AbortSignal.timeout(maxDiscardMs));
  return removed.kind === "pending" ? removed : patience(() => discard(deps, step));
}

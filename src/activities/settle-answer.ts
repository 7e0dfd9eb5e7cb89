import type { CallStep } from "../contracts/workflow.ts";
import { markAnswered } from "../domain/call-attempts.ts";
import type { CallOutcome } from "../domain/upstream-outcome.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type { AnswerSpool, ReceivedAnswer } from "../ports/answers.ts";
import type { ImageStore } from "../ports/images.ts";
import type { JobStore } from "../ports/jobs.ts";
import type { CallRecord, JobRecord } from "../ports/records.ts";
import { fetchLinks, type FetchLinksDeps } from "./fetch-links.ts";
import { discardLateImages } from "./settle-call.ts";
import type { Patience, Patient, StepClock } from "./storage-patience.ts";
import { storeHeld } from "./store-image.ts";

export interface SettleAnswerDeps extends FetchLinksDeps, Patient {
  jobs: JobStore;
  images: ImageStore;
  spool: AnswerSpool;
  /** Writes a line to the log of the running invocation. */
  warn: (line: string) => void;
}

/**
 * Records an answer that is paid for: images first, so that a record never points at a missing blob, then the call's record
 * and the ends of its slots at once. While storage fails the answer lies on this machine's disk, and the step waits. Links
 * are fetched when the answer is recorded; those that are late are left for another run.
 */
export async function settleAnswer(
  deps: SettleAnswerDeps,
  { step, job }: { step: CallStep; job: JobRecord },
  received: ReceivedAnswer,
  { patience, fetchUntil }: StepClock,
): Promise<CallOutcome> {
  const keeper = keepSafe(deps, step, received);
  if (received.held.length > 0) await keeper.save();
  const { ends, held, links } = received;
  const stored = await storeHeld(deps, job, held, patience);
  const { record, isOver } = await keeper.write(patience, () =>
    deps.jobs.settleCall(step.jobId, step.call, recordOf(received, deps.clock.now()), [...ends, ...stored]),
  );
  // Saved by this run, or by one before it.
  await deps.spool.remove(step);
  // Canceled meanwhile: the record took no images.
  if (isOver) return patience(() => discardLateImages(deps, step));
  if (links.length > 0 && record.outcome === undefined)
    return fetchLinks(deps, { step, job, record }, { patience, fetchUntil });
  return record.outcome ?? { kind: "stored" };
}

/** A link's two minutes begin when it is recorded: storage may have been away for longer. */
function recordOf({ attempt, usage, links }: ReceivedAnswer, now: Date): (record: CallRecord) => CallRecord {
  return (record) =>
    withoutAbsent({
      ...(attempt === undefined ? record : markAnswered(record, attempt)),
      usage: usage ?? record.usage,
      ...(links.length > 0
        ? { links, answeredAt: now.toISOString() }
        : { outcome: { kind: "stored" as const } }),
    });
}

/** Puts an answer on disk from the first failure of storage on. */
function keepSafe(
  { spool, warn, isStorageFailure }: SettleAnswerDeps,
  step: CallStep,
  received: ReceivedAnswer,
) {
  let isSaved = false;

  async function save(): Promise<void> {
    if (isSaved) return;
    try {
      isSaved = true;
      await spool.save(step, received);
    } catch (error) {
      // What isn't on disk is still in memory, and storage may be back before this process ends.
      const what = error instanceof Error ? error.message : String(error);
      warn(`the answer to call ${step.call} of job ${step.jobId} could not be written to disk: ${what}`);
    }
  }

  return {
    save,
    /** Writes the record at once, or else makes sure of the answer and waits for storage. */
    async write<T>(patience: Patience, request: () => Promise<T>): Promise<T> {
      try {
        return await request();
      } catch (error) {
        if (!isStorageFailure(error)) throw error;
        await save();
        return await patience(request);
      }
    },
  };
}

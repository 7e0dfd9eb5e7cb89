import type { CallStep } from "../contracts/workflow.ts";
import { undoAttempt } from "../domain/call-attempts.ts";
import { errorInfo, type ErrorInfo, OwnTimeout, UpstreamError } from "../domain/app-error.ts";
import type { CallOutcome } from "../domain/upstream-outcome.ts";
import type { PartialImage, ReplyListener, UpstreamReply } from "../ports/image-model.ts";
import { answerOf } from "./answer-of.ts";
import { settlingPermit } from "./call-permit.ts";
import { storePartial, removeUnreferenced } from "./store-partial.ts";
import { receiveImages, type Receiver } from "./receive-images.ts";
import { settleAnswer } from "./settle-answer.ts";
import { type SentCall, settle, settleReply } from "./settle-call.ts";
import { failedSlots, storeHeld } from "./store-image.ts";
import { discard } from "./find-call.ts";
import type { ReadyCall, UpstreamDependencies } from "./acquire-call.ts";
import { prepareCall } from "./upstream-call.ts";

/** Makes one synchronous upstream call and keeps its images: generations of DALL-E 3 and gpt-image, and edits. */
export const renderImagesWith =
  (deps: UpstreamDependencies) =>
  async (step: CallStep): Promise<CallOutcome> => {
    const prepared = await prepareCall(deps, step);
    if (prepared.kind === "settled") return prepared.outcome;
    const { call } = prepared;
    try {
      return await settlingPermit(deps, call.permit, () => run(deps, step, call));
    } finally {
      await call.release();
    }
  };

async function run(deps: UpstreamDependencies, step: CallStep, call: ReadyCall): Promise<CallOutcome> {
  const { job, wanted, ended } = call;
  const receiver = receiveImages(deps, job, wanted, ended);
  const unreferenced: string[] = [];
  try {
    return await runReceiving(deps, step, call, receiver, unreferenced);
  } finally {
    await receiver.release();
    // Last: nothing is asked of storage for a preview before the answer is safe.
    await call.clock.patience(() => removeUnreferenced(deps, step.jobId, unreferenced));
  }
}

async function runReceiving(
  deps: UpstreamDependencies,
  step: CallStep,
  call: ReadyCall,
  receiver: Receiver,
  unreferenced: string[],
): Promise<CallOutcome> {
  const { job, clock } = call;
  let reply: UpstreamReply;
  try {
    reply = await send(deps, step, call, receiver, unreferenced);
  } catch (error) {
    return await settleBroken(deps, step, call, receiver, error);
  }
  if (reply.kind !== "images")
    return settleReply(deps, step, await withReceived(deps, call, receiver), reply, clock.patience);
  const answer = answerOf(reply, call, receiver, deps.clock.now());
  return settleAnswer(deps, { step, job }, { ...answer, attempt: call.attempt }, clock);
}

function send(
  deps: UpstreamDependencies,
  { jobId }: CallStep,
  { model, job: { request }, files, wanted, signal, ended, permit }: ReadyCall,
  { onImage }: Receiver,
  unreferenced: string[],
): Promise<UpstreamReply> {
  const onPartial = async ({ position, ...partial }: PartialImage) => {
    const index = wanted[position];
    if (index === undefined || ended.aborted) return;
    const left = await storePartial(deps, { jobId, index }, partial);
    if (left === undefined) return;
    if (unreferenced.length === 0) deps.warn(`a partial image of job ${jobId} could not be stored`);
    unreferenced.push(left);
  };
  const listener: ReplyListener = { onPartial, onImage, onLimits: permit?.report };
  return files
    ? model.edit(request, files, wanted.length, signal, listener)
    : model.render(request, wanted.length, signal, listener);
}

/** The call with what was received of it: images that came are kept, whatever the reply turns out to be. */
async function withReceived(
  deps: UpstreamDependencies,
  { job, attempt, wanted, recovered, clock: { patience } }: ReadyCall,
  { ends, held }: Pick<Receiver, "ends" | "held">,
): Promise<SentCall> {
  ends.push(...(await storeHeld(deps, job, held, patience)));
  const missing = wanted.filter((slot) => !ends.some(({ index }) => index === slot));
  return { attempt, wanted: missing, recovered: [...recovered, ...ends] };
}

/** What is to be recorded of a call whose reply was not read to its end. Throws the error when a retry may cure it. */
async function settleBroken(
  deps: UpstreamDependencies,
  step: CallStep,
  call: ReadyCall,
  { ends, held }: Receiver,
  error: unknown,
): Promise<CallOutcome> {
  const { attempt, clock, timeUp, ended } = call;
  const { patience } = clock;
  if (ended.aborted) {
    return await patience(() => discard(deps, step));
  }
  const { recovered: known, wanted: missing } = await withReceived(deps, call, { ends, held });
  if ((timeUp.aborted || error instanceof OwnTimeout) && missing.length > 0) {
    const slots = [...known, ...failedSlots(missing, cutByOurClock(step, deps.clock.now()))];
    return patience(() => settle(deps, step, (record) => record, { kind: "lost" }, slots));
  }
  if (missing.length === 0) {
    const answer = { attempt, answeredAt: deps.clock.now().toISOString(), ends: known, held: [], links: [] };
    return settleAnswer(deps, { step, job: call.job }, answer, clock);
  }
  const isBilled = !(error instanceof UpstreamError) || error.mayBeBilled;
  // What came is kept; the next attempt asks for the others alone.
  if (!isBilled || known.length > 0)
    await patience(() =>
      deps.jobs.settleCall(
        step.jobId,
        step.call,
        (record) => (isBilled ? record : undoAttempt(record, attempt)),
        known,
      ),
    );
  throw error;
}

/** The wall is ours: asking again would meet it again, and be billed again. */
function cutByOurClock({ deadline }: CallStep, now: Date): ErrorInfo {
  const isDeadline = now.getTime() >= deadline - 1_000;
  const why = isDeadline
    ? "The job's deadline passed while the service was working on it"
    : "The service took longer than the nine and a half minutes that one call may take";
  return errorInfo("deadlineExceeded", `${why}; Darkroom stopped waiting, and the service may bill it.`);
}

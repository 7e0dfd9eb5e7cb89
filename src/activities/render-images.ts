import type { CallStep } from "../contracts/workflow.ts";
import { undoAttempt } from "../domain/call-attempts.ts";
import { factsOf, type FaultFacts, OwnTimeout, UpstreamFault } from "../domain/fault.ts";
import type { CallOutcome } from "../domain/upstream-outcome.ts";
import type { PartialImage, ReplyListener, UpstreamReply } from "../ports.ts";
import { answerOf } from "./answer-of.ts";
import { keepPartial } from "./keep-partial.ts";
import { receiveImages, type Receiver } from "./receive-images.ts";
import { settleAnswer } from "./settle-answer.ts";
import { discardLateImages, settle, settleReply } from "./settle-call.ts";
import { failedSlots, storeImage } from "./store-image.ts";
import { prepareCall, type ReadyCall, type UpstreamDependencies } from "./upstream-call.ts";

/** Makes one synchronous upstream call and keeps its images: generations of DALL-E 3 and gpt-image, and edits. */
export const renderImagesWith =
  (deps: UpstreamDependencies) =>
  async (step: CallStep): Promise<CallOutcome> => {
    const prepared = await prepareCall(deps, step);
    if (prepared.kind === "settled") return prepared.outcome;
    const { call } = prepared;
    try {
      return await run(deps, step, call);
    } finally {
      await call.release();
    }
  };

async function run(deps: UpstreamDependencies, step: CallStep, call: ReadyCall): Promise<CallOutcome> {
  const { job, patience, wanted, ended } = call;
  const receiver = receiveImages(deps.images, step.jobId, wanted, ended);
  let reply: UpstreamReply;
  try {
    reply = await send(deps, step, call, receiver);
  } catch (error) {
    return await settleBroken(deps, step, call, receiver, error);
  }
  if (reply.kind !== "images") return settleReply(deps, step, call, reply, patience);
  const answer = answerOf(reply, call, receiver, deps.clock.now());
  return settleAnswer(deps, { step, job }, { ...answer, attempt: call.attempt }, patience);
}

function send(
  deps: UpstreamDependencies,
  { jobId }: CallStep,
  { model, job: { request }, files, wanted, signal, ended }: ReadyCall,
  { onImage }: Receiver,
): Promise<UpstreamReply> {
  const onPartial = async ({ position, ...partial }: PartialImage) => {
    const index = wanted[position];
    if (index !== undefined && !ended.aborted) await keepPartial(deps, { jobId, index }, partial);
  };
  const listener: ReplyListener = { onPartial, onImage };
  return files
    ? model.edit(request, files, wanted.length, signal, listener)
    : model.render(request, wanted.length, signal, listener);
}

/** What is to be recorded of a call whose reply was not read to its end. Throws the error when a retry may cure it. */
async function settleBroken(
  deps: UpstreamDependencies,
  step: CallStep,
  call: ReadyCall,
  { ends, held }: Receiver,
  error: unknown,
): Promise<CallOutcome> {
  const { attempt, wanted, recovered, patience, timeUp, ended } = call;
  if (ended.aborted) {
    await Promise.all(held.map(({ picture }) => picture.release()));
    return await patience(() => discardLateImages(deps, step));
  }
  for (const image of held) {
    ends.push(await patience(() => storeImage(deps.images, step.jobId, image)));
    await image.picture.release();
  }
  const known = [...recovered, ...ends];
  const missing = wanted.filter((slot) => !ends.some(({ index }) => index === slot));
  if ((timeUp.aborted || error instanceof OwnTimeout) && missing.length > 0) {
    const slots = [...known, ...failedSlots(missing, cutByOurClock(step, deps.clock.now()))];
    return patience(() => settle(deps, step, (record) => record, { kind: "lost" }, slots));
  }
  if (missing.length === 0) {
    const answer = { attempt, answeredAt: deps.clock.now().toISOString(), ends: known, held: [], links: [] };
    return settleAnswer(deps, { step, job: call.job }, answer, patience);
  }
  const isBilled = !(error instanceof UpstreamFault) || error.mayBeBilled;
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
function cutByOurClock({ deadline }: CallStep, now: Date): FaultFacts {
  const isDeadline = now.getTime() >= deadline - 1_000;
  const why = isDeadline
    ? "The job's deadline passed while the service was working on it"
    : "The service took longer than the nine and a half minutes that one call may take";
  return factsOf("deadlineExceeded", `${why}; Darkroom stopped waiting, and the service may bill it.`);
}

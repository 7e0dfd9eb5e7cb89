import { createHash } from "node:crypto";
import type { CallStep } from "../contracts/workflow.ts";
import { errorInfo, UpstreamError } from "../domain/app-error.ts";
import type { SubmitOutcome } from "../domain/upstream-outcome.ts";
import type { SubmitReply } from "../ports/image-model.ts";
import type { CallRecord } from "../ports/records.ts";
import { answerOf } from "./answer-of.ts";
import { settlingPermit } from "./call-permit.ts";
import { receiveImages } from "./receive-images.ts";
import { settleAnswer } from "./settle-answer.ts";
import { settleReply } from "./settle-call.ts";
import type { ReadyCall, UpstreamDependencies } from "./acquire-call.ts";
import { prepareCall } from "./upstream-call.ts";

/**
 * Submits a DALL-E 2 operation and notes where to ask for it. The operation id is a function of job and call, and the
 * service takes one id as one operation: however often this step runs, it is billed once.
 */
export const submitOperationWith =
  (deps: UpstreamDependencies) =>
  async (step: CallStep): Promise<SubmitOutcome> => {
    const prepared = await prepareCall(deps, step, true);
    if (prepared.kind === "settled") return prepared.outcome;
    const { call } = prepared;
    try {
      return await settlingPermit(deps, call.permit, () => submit(deps, step, call));
    } finally {
      await call.release();
    }
  };

// An answer that was lost may be of an operation that was taken, and paid for: long enough for the service to come back.
const patienceMs = 5 * 60_000;

async function submit(deps: UpstreamDependencies, step: CallStep, call: ReadyCall): Promise<SubmitOutcome> {
  const { model, job, wanted, recovered, clock, signal } = call;
  const { patience } = clock;
  const note = (change: Partial<CallRecord>) =>
    patience(() =>
      deps.jobs.settleCall(
        step.jobId,
        step.call,
        (record) => ({ ...record, ...certain, ...change }),
        recovered,
      ),
    );
  if (call.record.operation !== undefined) {
    await note({});
    return { kind: "submitted", retryAfterMs: 0 };
  }
  const receiver = receiveImages(deps, job, wanted, call.ended);
  try {
    const operationId = uuidFrom(`${step.jobId}/${step.call}`);
    let reply: SubmitReply;
    try {
      const listener = { onImage: receiver.onImage, onLimits: call.permit?.report };
      reply = await model.submit(job.request, wanted.length, operationId, signal, listener);
    } catch (error) {
      await note({});
      if (!(error instanceof UpstreamError)) throw error;
      const failure = errorInfo(error.code, error.detail);
      return { kind: "unavailable", failure, retryAfterMs: 0, mayBeBilled: false, patienceMs };
    }
    switch (reply.kind) {
      case "submitted": {
        const { operation, retryAfterMs } = reply;
        await note({ operation, submittedAt: deps.clock.now().toISOString() });
        return { kind: "submitted", retryAfterMs };
      }
      case "images": {
        const answer = answerOf(reply, call, receiver, deps.clock.now());
        return await settleAnswer(deps, { step, job }, { ...answer, attempt: call.attempt }, clock);
      }
      default:
        await note({});
        return await settleReply(deps, step, call, reply, patience);
    }
  } finally {
    await receiver.release();
  }
}

// Whatever became of a submit, sending it again under its id costs nothing: there is no doubt to count.
const certain = { inDoubt: [], duplicates: [] };

/** A version 8 UUID (RFC 9562: bits of the maker's own choosing) from a hash of a name. */
function uuidFrom(name: string): string {
  const hex = createHash("sha256").update(name).digest("hex");
  const variant = ((parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

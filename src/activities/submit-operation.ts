import { createHash } from "node:crypto";
import type { CallStep } from "../contracts/workflow.ts";
import type { SubmitOutcome } from "../domain/upstream-outcome.ts";
import type { CallRecord } from "../records.ts";
import { recordReply } from "./end-call.ts";
import { type PreparedCall, prepareCall, type UpstreamDependencies } from "./upstream-call.ts";

/**
 * Submits a DALL-E 2 operation and notes where to ask for it. The operation id is a function of job and call, and the
 * service takes one id as one operation: however often this step runs, it is billed once.
 */
export const submitOperationWith =
  (deps: UpstreamDependencies) =>
  async (step: CallStep): Promise<SubmitOutcome> => {
    const call = await prepareCall(deps, step, true);
    if ("kind" in call) return call;
    try {
      return await submit(deps, step, call);
    } finally {
      await call.release();
    }
  };

async function submit(
  deps: UpstreamDependencies,
  step: CallStep,
  call: PreparedCall,
): Promise<SubmitOutcome> {
  const note = (change: Partial<CallRecord>) =>
    deps.jobs.closeCall(
      step.jobId,
      step.call,
      (record) => ({ ...record, ...certain, ...change }),
      call.salvaged,
    );
  if (call.record.operation !== undefined) {
    await note({});
    return { kind: "submitted", retryAfterMs: 0 };
  }
  const operationId = uuidFrom(`${step.jobId}/${step.call}`);
  const sent = call.model.submit(call.job.request, call.wanted.length, operationId, call.signal);
  const reply = await sent.catch(async (error: unknown) => {
    await note({});
    throw error;
  });
  if (reply.kind === "submitted") {
    await note({ operation: reply.operation });
    return { kind: "submitted", retryAfterMs: reply.retryAfterMs };
  }
  await note({});
  return recordReply(deps, step, call, reply);
}

// Whatever became of a submit, sending it again under its id costs nothing: there is no doubt to count.
const certain = { unanswered: 0, repeated: 0 };

/** A version 8 UUID (RFC 9562: bits of the maker's own choosing) from a hash of a name. */
function uuidFrom(name: string): string {
  const hex = createHash("sha256").update(name).digest("hex");
  const variant = ((parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

import type { CallStep } from "../contracts/workflow.ts";
import type { CallOutcome } from "../domain/upstream-outcome.ts";
import type { UpstreamReply } from "../ports.ts";
import {
  type PreparedCall,
  prepareCall,
  recordFault,
  recordReply,
  type UpstreamDependencies,
} from "./upstream-call.ts";

/** Makes one synchronous upstream call and keeps its images: generations of DALL-E 3 and gpt-image, and edits. */
export const renderImagesWith =
  (deps: UpstreamDependencies) =>
  async (step: CallStep): Promise<CallOutcome> => {
    const call = await prepareCall(deps, step);
    if ("kind" in call) return call;
    try {
      const reply = await send(call);
      return await recordReply(deps, step, call, reply);
    } catch (error) {
      await recordFault(deps, step, call, error);
      throw error;
    } finally {
      await call.files?.release();
    }
  };

function send({ model, job: { request }, files, wanted, signal }: PreparedCall): Promise<UpstreamReply> {
  return files
    ? model.edit(request, files, wanted.length, signal)
    : model.render(request, wanted.length, signal);
}

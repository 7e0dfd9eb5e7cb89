import type { CallStep } from "../contracts/workflow.ts";
import type { CallOutcome } from "../domain/upstream-outcome.ts";
import { prepareCall, recordFault, recordReply, type UpstreamDependencies } from "./upstream-call.ts";

/** Makes one synchronous upstream call and keeps its images: DALL-E 3 and gpt-image. */
export const renderImagesWith =
  (deps: UpstreamDependencies) =>
  async (step: CallStep): Promise<CallOutcome> => {
    const call = await prepareCall(deps, step);
    if ("kind" in call) return call;
    try {
      const reply = await call.model.render(call.job.request, call.wanted.length, call.signal);
      return await recordReply(deps, step, call, reply);
    } catch (error) {
      await recordFault(deps, step, call, error);
      throw error;
    }
  };

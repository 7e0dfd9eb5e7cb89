import type { CallStep } from "../contracts/workflow.ts";
import type { CallOutcome } from "../domain/upstream-outcome.ts";
import type { PartialImage, ReplyListener, UpstreamReply } from "../ports.ts";
import { GatheredImages } from "./gathered-images.ts";
import { keepPartial } from "./keep-partial.ts";
import { recordFault, recordReply, sweep } from "./end-call.ts";
import { type PreparedCall, prepareCall, type UpstreamDependencies } from "./upstream-call.ts";

/** Makes one synchronous upstream call and keeps its images: generations of DALL-E 3 and gpt-image, and edits. */
export const renderImagesWith =
  (deps: UpstreamDependencies) =>
  async (step: CallStep): Promise<CallOutcome> => {
    const call = await prepareCall(deps, step);
    if ("kind" in call) return call;
    try {
      const gathered = new GatheredImages();
      const reply = await send(deps, step, call, gathered);
      return await recordReply(deps, step, call, reply, gathered);
    } catch (error) {
      if (call.ended.aborted) return await sweep(deps, step);
      await recordFault(deps, step, call, error);
      throw error;
    } finally {
      await call.release();
    }
  };

function send(
  deps: UpstreamDependencies,
  { jobId }: CallStep,
  { model, job: { request }, files, wanted, signal, ended }: PreparedCall,
  { onImage }: GatheredImages,
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

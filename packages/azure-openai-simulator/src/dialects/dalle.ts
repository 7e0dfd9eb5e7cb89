import { base64Of, publish, serviceNow, type StartedPicture } from "../start-task.ts";
import type { Model } from "../models.ts";
import { refusalDialect, refusalError, revisedPrompt, safeCategories, safePrompt } from "../refusals.ts";
import type { GenerationRequest } from "../request-check.ts";
import type { Simulation, Task } from "../simulation.ts";
import { jsonReply, unixSeconds, type Reply } from "../wire.ts";

export interface Result {
  readonly task: Task;
  readonly model: Model;
  readonly request: GenerationRequest;
  readonly pictures: readonly StartedPicture[];
}

/** DALL-E 3, and DALL-E 2 where OpenAI answers it synchronously: URLs or base64 [S0,S2]. */
export async function dalleReply(result: Result, simulation: Simulation): Promise<Reply> {
  const data = await Promise.all(result.pictures.map((picture) => item(result, picture, simulation)));
  return jsonReply(200, { created: unixSeconds(serviceNow(result.task)), data });
}

async function item(result: Result, picture: StartedPicture, simulation: Simulation): Promise<unknown> {
  const { task, model, request } = result;
  if (task.fault.refuse_slots?.includes(picture.index) === true) return refusedItem(result);
  const content =
    request.responseFormat === "url"
      ? { url: publish(task, picture, model, simulation) }
      : { b64_json: base64Of(await picture.drawn, task) };
  if (model.name === "dall-e-2") return content;
  const revised_prompt = revisedPrompt(request.prompt, request.asIs);
  if (task.call.dialect === "openai") return { ...content, revised_prompt };
  // [A10] Azure says what its filters thought of the prompt and of the picture.
  return {
    ...content,
    revised_prompt,
    content_filter_results: safeCategories,
    prompt_filter_results: safePrompt,
  };
}

/** Undocumented outside DALL-E 2: the seeds' mixed shape, in the family's own words. */
export function refusedItem({ task, model, request }: Result): unknown {
  return { error: refusalError(refusalDialect(task.fault, model.family), "output", request.prompt) };
}

import type * as z from "zod";
import { editImageAndWaitBody, generateImageAndWaitBody } from "./contracts/hooks.ts";
import type { ActionBody } from "./contracts/request-mapping.ts";
import { targetOf } from "../domain/hook.ts";
import { isTerminal } from "../domain/image-job.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import { type JobPresenter, presentImageJob } from "./view.ts";
import { checkCallback } from "./check-callback.ts";
import type { CallbackStore, HookIds } from "../ports/deliveries.ts";
import type { Callback, JobRecord } from "../ports/records.ts";
import { replayed } from "../jobs/accept-job.ts";
import type { Endpoint, EndpointCall } from "../http/endpoint.ts";
import type { NotifyingContext } from "../functions/job-cancel-post.ts";
import { respondJson } from "../http/respond.ts";
import { acceptAction, type AcceptActionDeps } from "./accept-action.ts";
import { pictureBytes, maxParamsBytes } from "./actions.ts";
import { jobAction } from "./answers.ts";
import { hookAddress } from "./hooks.ts";
import { readInputBody } from "./read-input-body.ts";
import type { Addressing } from "../http/origin-of.ts";

type Dependencies = AcceptActionDeps &
  Addressing &
  JobPresenter &
  NotifyingContext & { hookIds: HookIds; callbackStore: CallbackStore };

/** Makes images; the engine is told of the end at its callback address, and asks for nothing until then. */
export const generateImageAndWait = (deps: Dependencies): Endpoint =>
  notifiedOfEnd(
    deps,
    "generate-image-and-wait",
    "images/generations/callback",
    generateImageAndWaitBody,
    maxParamsBytes,
  );

/** Edits images, and tells of the end likewise. */
export const editImageAndWait = (deps: Dependencies): Endpoint =>
  notifiedOfEnd(deps, "edit-image-and-wait", "images/edits/callback", editImageAndWaitBody, pictureBytes);

function notifiedOfEnd(
  deps: Dependencies,
  name: string,
  route: string,
  schema: z.ZodObject & z.ZodType<ActionBody & { callbackUrl: string }>,
  maximumBytes: number,
): Endpoint {
  return jobAction(name, route, async (call) => {
    const { request, caller, context } = call;
    const { callbackUrl: url, ...body } = await readInputBody(request, schema, maximumBytes);
    const includeContent = body.includeContent === true ? true : undefined;
    const callback = withoutAbsent({ name: deps.hookIds.nameOf(caller, url), url, includeContent });
    const { found, isReplay } = await acceptAction(deps, call, name, body, callback);
    const [job] = found;
    if (isReplay) await waitAsWell(deps, job, callback, context);
    const location = hookAddress(deps, request, { kind: "callback", jobId: job.id, name: callback.name });
    const headers = { ...(isReplay ? replayed : {}), location };
    return respondJson(201, await presentImageJob(deps, ...found), headers);
  });
}

/**
 * An action that comes again waits already. Another run, under the same key of its author, comes to wait as well: for the
 * end that is yet to be, or for one that was told to others before. The latter is told before this is answered, since
 * nothing else would ever tell it.
 */
async function waitAsWell(
  deps: Dependencies,
  job: JobRecord,
  callback: Callback,
  context: EndpointCall["context"],
): Promise<void> {
  let current: JobRecord | undefined = job;
  if (!job.callbacks?.some(({ name }) => name === callback.name)) {
    await checkCallback(deps, callback.url);
    current = await deps.callbackStore.bind(job.id, callback);
  }
  if (!current || !isTerminal(current.status)) return;
  await deps.notifyCompletion(
    { jobId: job.id, late: targetOf({ kind: "callback", name: callback.name }) },
    context,
  );
}

import type { InvocationContext } from "@azure/functions";
import { type ActionBody, inputImagesOf, toCoreParams } from "./contracts/request-mapping.ts";
import { chooseDeployment, type ResolvedDeployment } from "../domain/deployment.ts";
import { chooseEditor } from "../domain/edit-request.ts";
import { defaultEditLimits } from "../domain/model-catalogue.ts";
import { checkCallback } from "./check-callback.ts";
import { inputSources, type SourceDeps } from "./input-sources.ts";
import { inModelsWords } from "./model-parameters.ts";
import { idempotencyKeyOfAction } from "./idempotency-key-of-action.ts";
import { draftEdit } from "../edits/draft-edit.ts";
import { draftGeneration } from "../jobs/draft-generation.ts";
import { type JobRecordDeps, requireDeployment, type Owner } from "../jobs/create-job-record.ts";
import type { PrepareInputsDeps } from "../edits/prepare-inputs.ts";
import { readSources, type Reading } from "../edits/read-sources.ts";
import type { Callbacks } from "../ports/deliveries.ts";
import type { Callback, JobProgress, JobRecord } from "../ports/records.ts";
import { type AcceptJobDeps, createOnce } from "../jobs/accept-job.ts";
import { removeInputs } from "../functions/edits-post.ts";
import type { EndpointCall } from "../http/endpoint.ts";
import { findReplay, replayOriginal } from "../jobs/replay-original.ts";

export type AcceptActionDeps = AcceptJobDeps &
  JobRecordDeps &
  PrepareInputsDeps &
  SourceDeps &
  Reading & { offers: readonly ResolvedDeployment[]; callbacks: Callbacks };

export interface AcceptedAction {
  found: [JobRecord, JobProgress];
  /** Whether the job is that of an earlier request, which this one repeats. */
  isReplay: boolean;
}

/**
 * Checked, recorded and started like any other job; an action that is sent again gets the job of its first sending. One
 * that brings a callback is told of the end there.
 */
export async function acceptAction(
  deps: AcceptActionDeps,
  { request, caller, identity, context }: Pick<EndpointCall, "request" | "caller" | "identity" | "context">,
  operation: string,
  body: ActionBody,
  callback?: Callback,
): Promise<AcceptedAction> {
  const asked = { headers: request.headers, caller, route: operation, body };
  const idempotencyKey = idempotencyKeyOfAction(deps, asked, callback?.url);
  // An address may be gone by the time an action is sent again; its job is there.
  const earlier = await findReplay(deps, idempotencyKey);
  if (earlier) return { found: await replayOriginal(deps, earlier, context), isReplay: true };
  if (callback) await checkCallback(deps, callback.url);
  const draft = await draftAction(deps, { id: deps.ids.next(caller), caller }, body, context);
  const job: JobRecord = callback ? { ...draft, callbacks: [callback] } : draft;
  const replay = await createOnce(deps, job, idempotencyKey, { context, identity });
  if (!replay) return { found: [job, { slots: [], calls: [] }], isReplay: false };
  if (job.inputs) await removeInputs(deps, job.id, context);
  return { found: await replayOriginal(deps, replay, context), isReplay: true };
}

async function draftAction(
  deps: AcceptActionDeps,
  owner: Owner,
  body: ActionBody,
  context: InvocationContext,
): Promise<JobRecord> {
  const { tags, metadata } = body;
  const imageParams = { ...toCoreParams(inWordsOf(deps, body)), tags, metadata };
  const images = inputImagesOf(body);
  if (!images) {
    const offer = requireDeployment(chooseDeployment(imageParams, deps.offers));
    return deps.queue.place(draftGeneration(deps, owner, { imageParams }, offer));
  }
  // Before anything is fetched: a request that no model can fulfil needs no pictures.
  const offer = requireDeployment(chooseEditor(imageParams, deps.offers));
  const limits = offer.capability.edits ?? defaultEditLimits;
  try {
    const sources = await inputSources(deps, owner.caller, images, body);
    const received = await readSources(deps, sources, { ...owner, limits });
    return await draftEdit(deps, owner, { imageParams }, offer, received);
  } catch (error) {
    await removeInputs(deps, owner.id, context);
    throw error;
  }
}

function inWordsOf({ offers }: AcceptActionDeps, body: ActionBody): ActionBody {
  const { modelParameters } = body;
  return {
    ...inModelsWords(body, offers),
    ...(modelParameters && { modelParameters: inModelsWords(modelParameters, offers) }),
  };
}

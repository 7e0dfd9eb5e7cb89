import type { InvocationContext } from "@azure/functions";
import { type ActionBody, toSources, toCoreParams } from "../../contracts/connector-request-mapping.ts";
import { chooseDeployment, type Offer } from "../../domain/deployment.ts";
import { chooseEditor } from "../../domain/edit-request.ts";
import { defaultEditLimits } from "../../domain/model-catalogue.ts";
import { checkCallback } from "../../intake/check-callback.ts";
import { claimOfAction } from "../../intake/claim-of-action.ts";
import { draftEdit, type Owner } from "../../intake/draft-edit.ts";
import { draftGeneration } from "../../intake/draft-generation.ts";
import { type Drafting, offerOf } from "../../intake/draft-job.ts";
import type { Preparing } from "../../intake/prepare-inputs.ts";
import { readSources, type Reading } from "../../intake/read-sources.ts";
import type { Callbacks } from "../../ports.ts";
import type { Callback, JobProgress, JobRecord } from "../../records.ts";
import { type Accepting, recordOnce } from "../accept-job.ts";
import { removeInputs } from "../edits-post.ts";
import type { EndpointCall } from "../endpoint.ts";
import { findRepetition, joinClaimed } from "../join-claimed.ts";

export type AcceptingActions = Accepting &
  Drafting &
  Preparing &
  Reading & { offers: readonly Offer[]; callbacks: Callbacks };

export interface AcceptedAction {
  found: [JobRecord, JobProgress];
  /** Whether the job is that of an earlier request, which this one repeats. */
  isRepetition: boolean;
}

/**
 * Checked, recorded and started like any other job; an action that is sent again gets the job of its first sending. One
 * that brings a callback is told of the end there.
 */
export async function acceptAction(
  deps: AcceptingActions,
  { request, caller, context }: Pick<EndpointCall, "request" | "caller" | "context">,
  operation: string,
  body: ActionBody,
  callback?: Callback,
): Promise<AcceptedAction> {
  const asked = { headers: request.headers, caller, route: operation, body };
  const claim = claimOfAction(deps, asked, callback?.url);
  // An address may be gone by the time an action is sent again; its job is there.
  const earlier = await findRepetition(deps, claim);
  if (earlier) return { found: await joinClaimed(deps, earlier, context), isRepetition: true };
  if (callback) await checkCallback(deps, callback.url);
  const draft = await draftAction(deps, { id: deps.ids.next(caller), caller }, body, context);
  const job: JobRecord = callback ? { ...draft, callbacks: [callback] } : draft;
  const repetition = await recordOnce(deps, job, claim, context);
  if (!repetition) return { found: [job, { slots: [], calls: [] }], isRepetition: false };
  if (job.inputs) await removeInputs(deps, job.id, context);
  return { found: await joinClaimed(deps, repetition, context), isRepetition: true };
}

async function draftAction(
  deps: AcceptingActions,
  owner: Owner,
  body: ActionBody,
  context: InvocationContext,
): Promise<JobRecord> {
  const imageParams = { ...toCoreParams(body), tags: body.tags };
  const { images, maskContentBytes } = body;
  if (!images) {
    const offer = offerOf(chooseDeployment(imageParams, deps.offers));
    return draftGeneration(deps, owner, { imageParams }, offer);
  }
  // Before anything is fetched: a wish that no model can fulfil needs no pictures.
  const offer = offerOf(chooseEditor(imageParams, deps.offers));
  const limits = offer.capability.edits ?? defaultEditLimits;
  try {
    const received = await readSources(deps, toSources(images, maskContentBytes), { ...owner, limits });
    return await draftEdit(deps, owner, { imageParams }, offer, received);
  } catch (error) {
    await removeInputs(deps, owner.id, context);
    throw error;
  }
}

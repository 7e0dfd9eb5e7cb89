import { generationRequest } from "../contracts/requests.ts";
import { chooseDeployment, type Offer } from "../domain/deployment.ts";
import { claimOf } from "../intake/claim-of.ts";
import { draftGeneration } from "../intake/draft-generation.ts";
import { type Drafting, offerOf } from "../intake/draft-job.ts";
import { readWebhook } from "../intake/read-webhook.ts";
import type { Webhooks } from "../ports.ts";
import { acceptJob, type Accepting, answerRepetition } from "./accept-job.ts";
import type { Endpoint } from "./endpoint.ts";
import { findRepetition } from "./join-claimed.ts";
import { readJsonBody } from "./read-body.ts";

// The longest prompt in four-byte characters, escaped, with room for the rest.
export const maximumBodyBytes = 512 * 1024;

/** Accepts a generation: checked, recorded, started, and only then answered. */
export const generationsPost = (
  deps: Accepting & Drafting & { offers: readonly Offer[]; webhooks: Webhooks },
): Endpoint => ({
  name: "generations-post",
  method: "POST",
  route: "api/images/generations",
  access: "caller",
  runsJobs: true,
  async handle({ request, caller, context }) {
    const body = await readJsonBody(request, generationRequest, maximumBodyBytes);
    const offer = offerOf(chooseDeployment(body, deps.offers));
    const claim = claimOf(deps, { headers: request.headers, caller, route: "generations", body });
    // A receiver's name may be gone by the time a request comes again; its job is there.
    const repetition = body.webhook_url === undefined ? undefined : await findRepetition(deps, claim);
    if (repetition) return answerRepetition(deps, repetition, { request, context });
    const webhook = await readWebhook(deps, caller, body);
    const owner = { id: deps.ids.next(caller), caller };
    const job = draftGeneration(deps, owner, { imageParams: body, webhook }, offer);
    return acceptJob(deps, job, { request, context, claim });
  },
});

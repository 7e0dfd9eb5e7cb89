import * as z from "zod";
import { generationRequest } from "../../contracts/requests.ts";
import { chooseDeployment, type Offer } from "../../domain/deployment.ts";
import { completeWish } from "../../domain/image-request.ts";
import type { Endpoint } from "../../functions/endpoint.ts";
import { readJsonBody } from "../../functions/read-body.ts";
import { draftJob, type Drafting, offerOf } from "../../intake/draft-job.ts";
import type { PictureDeps } from "../picture-get.ts";
import { submitOnce } from "../submit-once.ts";
import { type AnswerDeps, answerWithJob } from "./answer.ts";
import { renderOpenAiError } from "./errors.ts";
import { defaultFormat, imagesReply, responseFormats } from "./images-reply.ts";
import { type NamesFirst, resolveModel } from "./resolve-model.ts";

export type GenerationDeps = AnswerDeps & Drafting & PictureDeps & { offers: readonly Offer[] };

// The core's own fields: what OpenAI's clients know, and tags and metadata for those who look for the job later.
const body = generationRequest
  .omit({ deployment: true, webhook_url: true, webhook_events: true })
  .extend({ response_format: z.enum(responseFormats).optional() });

// The longest prompt in four-byte characters, escaped, with room for the rest.
const maxBodyBytes = 512 * 1024;

/** `POST images/generations` as OpenAI's clients send it: a job like any other, answered with its end. */
export const imagesGenerate = (
  deps: GenerationDeps,
  { base, name, first }: { base: string; name: string; first: NamesFirst },
): Endpoint => ({
  name: `${name}-images-generate`,
  method: "POST",
  route: `${base}/images/generations`,
  access: "caller",
  runsJobs: true,
  renderError: renderOpenAiError,
  async handle(call) {
    const { request, caller } = call;
    const asked = await readJsonBody(request, body, maxBodyBytes);
    // Every model is answered in either form: Darkroom has the bytes.
    const { response_format: format, model, ...fields } = asked;
    const wish = { ...fields, ...resolveModel(model, deps.offers, first) };
    const offer = offerOf(chooseDeployment(wish, deps.offers));
    const submitted = await submitOnce(deps, call, { route: "openai/generations", body: asked }, () =>
      draftJob(deps, {
        id: deps.ids.next(caller),
        caller,
        kind: "generation",
        offer,
        request: completeWish(wish, offer.capability),
        tags: wish.tags,
        metadata: wish.metadata,
      }),
    );
    const view = { format: format ?? defaultFormat(offer), origin: deps.originOf(request) };
    return answerWithJob(deps, call, submitted, (job, progress) => imagesReply(deps, job, progress, view));
  },
});

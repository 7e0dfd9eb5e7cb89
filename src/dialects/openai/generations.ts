import { chooseDeployment, type ResolvedDeployment } from "../../domain/deployment.ts";
import type { Endpoint } from "../../http/endpoint.ts";
import { maximumBodyBytes } from "../../functions/generations-post.ts";
import { readJsonBody } from "../../http/read-body.ts";
import { draftGeneration } from "../../jobs/draft-generation.ts";
import { type JobRecordDeps, requireDeployment } from "../../jobs/create-job-record.ts";
import type { PictureDeps } from "../picture-get.ts";
import { submitOnce } from "../submit-once.ts";
import type { Surface } from "../surface.ts";
import { answerWithJob, type Rendering } from "./answer.ts";
import { type StreamDeps, streamOfJob } from "./image-stream.ts";
import { defaultFormat, imagesReply } from "./images-reply.ts";
import { resolveModel } from "./resolve-model.ts";
import { generationBody } from "./shapes.ts";

export type GenerationDeps = StreamDeps &
  JobRecordDeps &
  PictureDeps & { offers: readonly ResolvedDeployment[] };

/** `POST images/generations` as OpenAI's clients send it: a job like any other, answered with its end. */
export const imagesGenerate = (deps: GenerationDeps, surface: Surface): Endpoint => ({
  name: `${surface.name}-images-generate`,
  method: "POST",
  route: `${surface.base}/images/generations`,
  access: "caller",
  scopes: ["generate"],
  runsJobs: true,
  renderError: surface.errors.render,
  async handle(call) {
    const { request, caller, params } = call;
    const asked = await readJsonBody(request, generationBody, maximumBodyBytes);
    // Every model is answered in either form: Darkroom has the bytes.
    const { response_format: format, model, ...fields } = asked;
    const imageParams = {
      ...fields,
      ...resolveModel(params["deployment"] ?? model, deps.offers, surface.first),
    };
    const offer = requireDeployment(chooseDeployment(imageParams, deps.offers));
    const what = { route: `openai/generations/${params["deployment"] ?? ""}`, body: asked };
    const submitted = await submitOnce(deps, call, what, () =>
      deps.queue.place(draftGeneration(deps, { id: deps.ids.next(caller), caller }, { imageParams }, offer)),
    );
    const { errors, showsFilters } = surface;
    const view = { format: format ?? defaultFormat(offer), origin: deps.originOf(request), showsFilters };
    const rendering: Rendering = {
      errors,
      images: (job, progress) => imagesReply(deps, job, progress, view),
    };
    return (imageParams.stream === true ? streamOfJob : answerWithJob)(deps, call, submitted, rendering);
  },
});

import type * as z from "zod";
import { checkShape } from "../../contracts/check-shape.ts";
import { namesOf, type ResolvedDeployment } from "../../domain/deployment.ts";
import { chooseEditor } from "../../domain/edit-request.ts";
import { defaultEditLimits } from "../../domain/model-catalogue.ts";
import { arrivalOf, hashesOf, maximumFormBytes, removeInputs } from "../../functions/edits-post.ts";
import type { Endpoint, EndpointCall } from "../../http/endpoint.ts";
import { readMultipart } from "../../http/read-multipart.ts";
import { draftEdit } from "../../edits/draft-edit.ts";
import { requireDeployment } from "../../jobs/create-job-record.ts";
import { fromTexts } from "../../edits/form-fields.ts";
import type { PrepareInputsDeps } from "../../edits/prepare-inputs.ts";
import { receiveInput } from "../../edits/receive-input.ts";
import { submitOnce } from "../submit-once.ts";
import type { Surface } from "../surface.ts";
import { answerWithJob, type Rendering } from "./answer.ts";
import type { GenerationDeps } from "./generations.ts";
import { streamOfJob } from "./image-stream.ts";
import { defaultFormat, imagesReply } from "./images-reply.ts";
import { resolveModel } from "./resolve-model.ts";
import { editBody, variationBody } from "./shapes.ts";

export type EditDeps = GenerationDeps & PrepareInputsDeps;

// What DALL-E 2 was asked without words.
const variationPrompt = "A variation of this picture: the same subject in the same style, composed anew.";

/** `POST images/edits`, a form with files. */
export const imagesEdit = (deps: EditDeps, surface: Surface): Endpoint =>
  endpointOf(deps, surface, { name: "edit", path: "images/edits" }, (fields) => checkShape(fields, editBody));

/**
 * `POST images/variations`, which no living model has: an edit by a prompt of our own. A model that can't edit, such as the
 * one that had variations, gives way to the first that can.
 */
export const imagesVary = (deps: EditDeps, surface: Surface): Endpoint =>
  endpointOf(deps, surface, { name: "vary", path: "images/variations" }, (fields) => {
    const { model, prompt = variationPrompt, ...body } = checkShape(fields, variationBody);
    return { ...body, prompt, ...(isEditor(model, deps.offers) && { model }) };
  });

function endpointOf(
  deps: EditDeps,
  { base, name, first, errors, showsFilters }: Surface,
  what: { name: string; path: string },
  read: (fields: Record<string, unknown>) => z.infer<typeof editBody>,
): Endpoint {
  return {
    name: `${name}-images-${what.name}`,
    method: "POST",
    route: `${base}/${what.path}`,
    access: "caller",
    scopes: ["edit"],
    runsJobs: true,
    renderError: errors.render,
    async handle(call) {
      const { view, submitted, isStream } = await submitEdit(deps, call, { first, what: what.name, read });
      const images: Rendering["images"] = (job, progress) =>
        imagesReply(deps, job, progress, { ...view, showsFilters });
      return (isStream ? streamOfJob : answerWithJob)(deps, call, submitted, { errors, images });
    },
  };
}

interface Reading extends Pick<Surface, "first"> {
  what: string;
  read: (fields: Record<string, unknown>) => z.infer<typeof editBody>;
}

/** Inputs are stored as they arrive, and gone again when they make no job. */
async function submitEdit(deps: EditDeps, call: EndpointCall, { first, what, read }: Reading) {
  const { request, caller, context } = call;
  const { deployment } = call.params;
  const id = deps.ids.next(caller);
  try {
    const limits = { images: defaultEditLimits.maxImages, bodyBytes: maximumFormBytes };
    const { fields, ...received } = await readMultipart(request, limits, (file) =>
      receiveInput(deps.uploads, arrivalOf(file, id), file.bytes),
    );
    const { response_format: format, model, ...rest } = read(fromTexts(fields));
    const imageParams = { ...rest, ...resolveModel(deployment ?? model, deps.offers, first) };
    const offer = requireDeployment(chooseEditor(imageParams, deps.offers));
    const asked = { route: `openai/${what}/${deployment ?? ""}`, body: { fields, ...hashesOf(received) } };
    const submitted = await submitOnce(deps, call, asked, () =>
      draftEdit(deps, { id, caller }, { imageParams }, offer, received),
    );
    if (submitted.job.id !== id) await removeInputs(deps, id, context);
    const view = { format: format ?? defaultFormat(offer), origin: deps.originOf(request) };
    return { view, submitted, isStream: imageParams.stream === true };
  } catch (error) {
    await removeInputs(deps, id, context);
    throw error;
  }
}

function isEditor(name: string | undefined, offers: readonly ResolvedDeployment[]): boolean {
  return offers.some((offer) => {
    const { model, deployment } = namesOf(offer);
    return offer.capability.edits !== undefined && (model === name || deployment === name);
  });
}

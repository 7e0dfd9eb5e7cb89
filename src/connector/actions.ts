import type * as z from "zod";
import { editImageBody, generateImageBody, submitImageJobBody } from "./contracts/requests.ts";
import type { ActionBody } from "./contracts/request-mapping.ts";
import { replayed } from "../jobs/accept-job.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { respondJson } from "../http/respond.ts";
import { acceptAction, type AcceptActionDeps } from "./accept-action.ts";
import { type ActionPresenter, jobAction, respondAction } from "./answers.ts";
import { presentImageJob } from "./view.ts";
import { readInputBody } from "./read-input-body.ts";

type Dependencies = AcceptActionDeps & ActionPresenter;

// The longest prompt in four-byte characters, escaped, with room for the rest.
export const maxParamsBytes = 512 * 1024;
// Base64 in JSON is held whole, several times over. Larger pictures come by address.
export const pictureBytes = 32 * 1024 * 1024;

/** Makes images, and is waited for by polls. */
export const generateImage = (deps: Dependencies): Endpoint =>
  waitedFor(deps, "generate-image", "images/generations", generateImageBody, maxParamsBytes);

/** Edits images, and is waited for by polls. */
export const editImage = (deps: Dependencies): Endpoint =>
  waitedFor(deps, "edit-image", "images/edits", editImageBody, pictureBytes);

/** Starts a job that nobody waits for: without an address to poll, or the engine would wait for it all the same. */
export const submitImageJob = (deps: Dependencies): Endpoint =>
  jobAction("submit-image-job", "jobs", async (call) => {
    const body = await readInputBody(call.request, submitImageJobBody, pictureBytes);
    const { found, isReplay } = await acceptAction(deps, call, "submit-image-job", body);
    return respondJson(201, await presentImageJob(deps, ...found), isReplay ? replayed : {});
  });

function waitedFor(
  deps: Dependencies,
  name: string,
  route: string,
  schema: z.ZodObject & z.ZodType<ActionBody>,
  maximumBytes: number,
): Endpoint {
  return jobAction(name, route, async (call) => {
    const { request, requestId } = call;
    const body = await readInputBody(request, schema, maximumBytes);
    const { found, isReplay } = await acceptAction(deps, call, name, body);
    const poll = {
      request,
      requestId,
      includeContent: body.includeContent === true,
      goesOn: body.onFailure === "continue",
    };
    return respondAction(deps, found, poll, isReplay ? replayed : {});
  });
}

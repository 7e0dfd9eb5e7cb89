import { chooseDeployment, matchingDeployments } from "../../domain/deployment.ts";
import type { ErrorInfo } from "../../domain/app-error.ts";
import { isTerminal } from "../../domain/image-job.ts";
import type { Endpoint, EndpointCall } from "../../http/endpoint.ts";
import { findJobOf } from "../../jobs/find-job.ts";
import { maximumBodyBytes } from "../../functions/generations-post.ts";
import { type DeleteJobDeps, deleteJob } from "../../functions/jobs-delete.ts";
import { readJsonBody } from "../../http/read-body.ts";
import { respondJson } from "../../http/respond.ts";
import { draftGeneration } from "../../jobs/draft-generation.ts";
import { requireDeployment } from "../../jobs/create-job-record.ts";
import { viewFilters, failureOf } from "../../jobs/job-view.ts";
import type { JobProgress, JobRecord } from "../../ports/records.ts";
import { settleWhenWritten } from "../await-end.ts";
import { headersOf } from "../openai/answer.ts";
import type { GenerationDeps } from "../openai/generations.ts";
import { imagesReply } from "../openai/images-reply.ts";
import { submitOnce } from "../submit-once.ts";
import { azureErrors } from "./errors.ts";
import { type Operation, submitBody } from "./shapes.ts";

/** DALL-E 2's protocol at Azure, from before there were deployments of it: submit, poll an operation, delete it. */

export type OperationDeps = GenerationDeps & DeleteJobDeps;

const pollAfterSeconds = "2";
const keptSeconds = 24 * 3_600;
const statuses = {
  queued: "notRunning",
  running: "running",
  succeeded: "succeeded",
  failed: "failed",
  canceled: "canceled",
} as const;

export const submitOperation = (deps: OperationDeps): Endpoint => ({
  name: "azure-operations-submit",
  method: "POST",
  route: "openai/images/generations:submit",
  access: "caller",
  scopes: ["generate"],
  runsJobs: true,
  renderError: azureErrors.render,
  async handle(call) {
    const { request, caller, context, requestId } = call;
    const asked = await readJsonBody(request, submitBody, maximumBodyBytes);
    const { prompt, n, size, user } = asked;
    // The protocol names no model: it has one. Where that isn't deployed, another that can do the same.
    const [dalle2] = matchingDeployments({ model: "dall-e-2" }, deps.offers);
    const imageParams = { prompt, n, size, user, ...(dalle2 && { model: "dall-e-2" }) };
    const offer = requireDeployment(chooseDeployment(imageParams, deps.offers));
    const submitted = await submitOnce(deps, call, { route: "azure/submit", body: asked }, () =>
      draftGeneration(deps, { id: deps.ids.next(caller), caller }, { imageParams }, offer),
    );
    const { job, holding } = submitted;
    if (holding)
      void settleWhenWritten(deps, holding, { connection: deps.connections.of(requestId), context });
    const version = request.query.get("api-version");
    const query = version === null ? "" : `?api-version=${encodeURIComponent(version)}`;
    return respondJson(
      202,
      { id: job.id, status: statuses[job.status] },
      {
        ...headersOf(submitted),
        "operation-location": `${deps.originOf(request)}/openai/operations/images/${job.id}${query}`,
        "retry-after": pollAfterSeconds,
      },
    );
  },
});

const bases = [
  { base: "openai/operations/images", name: "azure-operations" },
  { base: "openai/dalle/operations/images", name: "azure-dalle-operations" },
] as const;

export function operationEndpoints(deps: OperationDeps): Endpoint[] {
  return bases.flatMap(({ base, name }) => [
    {
      name: `${name}-get`,
      method: "GET",
      route: `${base}/{id}`,
      access: "caller",
      renderError: azureErrors.render,
      handle: async (call) => showOperation(deps, call),
    },
    {
      name: `${name}-delete`,
      method: "DELETE",
      route: `${base}/{id}`,
      access: "caller",
      runsJobs: true,
      renderError: azureErrors.render,
      async handle({ params: { id = "" }, caller, context }) {
        await deleteJob(deps, { id, caller }, context);
        return { status: 204 };
      },
    },
  ]);
}

async function showOperation(deps: OperationDeps, { request, caller, params: { id = "" } }: EndpointCall) {
  const [job, progress] = await findJobOf(deps, caller, id);
  const headers = {
    "x-darkroom-job": id,
    ...(!isTerminal(job.status) && { "retry-after": pollAfterSeconds }),
  };
  return respondJson(200, await describe(deps, job, progress, deps.originOf(request)), headers);
}

async function describe(
  deps: OperationDeps,
  job: JobRecord,
  progress: JobProgress,
  origin: string,
): Promise<Operation> {
  const created = Math.floor(Date.parse(job.createdAt) / 1000);
  const common = { id: job.id, status: statuses[job.status], created, expires: created + keptSeconds };
  if (job.status === "succeeded") {
    // Those that were made, and then why the others weren't: a client that saves each in turn finds its pictures first.
    const { data } = await imagesReply(deps, job, progress, { format: "url", origin, showsFilters: true });
    const failed = progress.slots.flatMap((slot) =>
      slot.state === "failed" ? [{ error: errorOf(slot.failure) }] : [],
    );
    return { ...common, result: { created, data: [...data, ...failed] } };
  }
  if (job.status === "failed" || job.status === "canceled")
    return { ...common, error: errorOf(failureOf(job)) };
  return common;
}

function errorOf({ code, message, filters }: ErrorInfo) {
  return { code, message, ...viewFilters(filters) };
}

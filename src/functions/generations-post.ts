import { generationBody } from "../contracts/requests.ts";
import { chooseDeployment, type ResolvedDeployment } from "../domain/deployment.ts";
import { idempotencyKeyOf } from "../jobs/idempotency-key.ts";
import { dryRun } from "../jobs/dry-run.ts";
import { placeGeneration, type PlaceGenerationDeps } from "../jobs/draft-generation.ts";
import { requireDeployment } from "../jobs/create-job-record.ts";
import { acceptJob, type AcceptJobDeps, answerReplay } from "../jobs/accept-job.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { findReplay } from "../jobs/replay-original.ts";
import { readJsonBody } from "../http/read-body.ts";

// The longest prompt in four-byte characters, escaped, with room for the rest.
export const maximumBodyBytes = 512 * 1024;

/** Accepts a generation: checked, recorded, started, and only then answered. */
export const generationsPost = (
  deps: AcceptJobDeps & PlaceGenerationDeps & { offers: readonly ResolvedDeployment[] },
): Endpoint => ({
  name: "generations-post",
  method: "POST",
  route: "api/images/generations",
  access: "caller",
  scopes: ["generate"],
  runsJobs: true,
  async handle({ request, caller, identity, context }) {
    const body = await readJsonBody(request, generationBody, maximumBodyBytes);
    const offer = requireDeployment(chooseDeployment(body, deps.offers));
    const idempotencyKey = idempotencyKeyOf(deps, {
      headers: request.headers,
      caller,
      route: "generations",
      body,
    });
    // A receiver's name may be gone by the time a request comes again; its job is there.
    const replay =
      body.webhook_url === undefined || body.dry_run ? undefined : await findReplay(deps, idempotencyKey);
    if (replay) return answerReplay(deps, replay, { request, context });
    const job = await placeGeneration(deps, caller, body, offer);
    if (body.dry_run) return dryRun(deps, job, identity);
    return acceptJob(deps, job, { request, context, identity, idempotencyKey });
  },
});

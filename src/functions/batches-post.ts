import type { HttpRequest, InvocationContext } from "@azure/functions";
import { toBatchResource, type BatchResourceDeps } from "../batches/batch-resource.ts";
import { draftBatch } from "../batches/draft-batch.ts";
import type { BatchFinder } from "../batches/find-batch.ts";
import { AppError } from "../domain/app-error.ts";
import { type BatchFormat, maxBatchBytes } from "../domain/batch.ts";
import type { ResolvedDeployment } from "../domain/deployment.ts";
import { parseIdempotencyKey } from "../domain/idempotency.ts";
import { messageOf } from "../domain/message-of.ts";
import type { Endpoint } from "../http/endpoint.ts";
import type { Addressing } from "../http/origin-of.ts";
import { readText } from "../http/read-body.ts";
import { respondJson } from "../http/respond.ts";
import { replayed } from "../jobs/accept-job.ts";
import { hashOf } from "../jobs/idempotency-key.ts";
import type { Clock } from "../ports/clock.ts";

/** Takes a batch as far as it goes within the time. */
export type Advance = (id: string, context: InvocationContext, budgetMs: number) => Promise<void>;

export interface BatchEndpointDeps extends BatchFinder, BatchResourceDeps, Addressing {
  clock: Clock;
  offers: readonly ResolvedDeployment[];
  advance: Advance;
}

const formats: readonly [RegExp, BatchFormat][] = [
  [/^application\/(x-)?(jsonl|ndjson|jsonlines|json-lines)\s*(;|$)/i, "jsonl"],
  [/^application\/([\w.-]+\+)?json\s*(;|$)/i, "json"],
  [/^text\/csv\s*(;|$)/i, "csv"],
];
// Short lists are accepted before the reply; the rest is left to the timer.
const budgetMs = 2_000;

/** Records a list of requests, and accepts as many of its lines as go at once. */
export const batchesPost = (deps: BatchEndpointDeps): Endpoint => ({
  name: "batches-post",
  method: "POST",
  route: "api/batches",
  access: "caller",
  scopes: ["generate"],
  runsJobs: true,
  async handle({ request, caller, identity, context }) {
    const { batches, ids } = deps;
    const key = parseIdempotencyKey(request.headers.get("idempotency-key"));
    const format = formatOf(request);
    const text = await readText(request, maxBatchBytes);
    const drafted = await draftBatch(deps, { id: ids.nextBatch(caller), caller, identity, format, text });
    const own = { id: drafted.batch.id, bodyHash: hashOf([format, text]) };
    const { id, bodyHash } = key === undefined ? own : await batches.nameOnce(hashOf([caller, key]), own);
    if (bodyHash !== own.bodyHash)
      throw new AppError(
        "idempotencyMismatch",
        "This Idempotency-Key was used for another batch. Send that one unchanged, or take a new key.",
      );
    const isNew = await batches.create({ ...drafted.batch, id }, drafted.requests);
    if (isNew) await advanceNow(deps.advance, id, context);
    const { batch } = (await batches.read(id)) ?? drafted;
    if (batch.deletedAt !== undefined)
      throw new AppError(
        "expired",
        "The batch of this request was deleted, and is not run again under the same Idempotency-Key.",
      );
    const shown = await toBatchResource(deps, batch, deps.originOf(request));
    return respondJson(202, shown, { location: shown.links.self, ...(!isNew && replayed) });
  },
});

function formatOf({ headers }: HttpRequest): BatchFormat {
  const type = headers.get("content-type") ?? "";
  const format = formats.find(([pattern]) => pattern.test(type))?.[1];
  if (format) return format;
  throw new AppError(
    "unsupportedMedia",
    "Send the batch as application/json, application/jsonl or text/csv.",
  );
}

/** The batch is recorded: what fails here is done by the timer. */
export async function advanceNow(advance: Advance, id: string, context: InvocationContext): Promise<void> {
  try {
    await advance(id, context, budgetMs);
  } catch (error) {
    context.error(`batch ${id} could not be advanced and will be later: ${messageOf(error)}`);
  }
}

import type { InvocationContext } from "@azure/functions";
import { generationRequest } from "../contracts/requests.ts";
import { checkShape } from "../contracts/check-shape.ts";
import { AppError } from "../domain/app-error.ts";
import { afterError, type BatchLine, lineError, type LineOf } from "../domain/batch.ts";
import { chooseDeployment, type ResolvedDeployment } from "../domain/deployment.ts";
import type { IdempotencyKey } from "../domain/idempotency.ts";
import { createOnce, type CreateJobDeps } from "../jobs/accept-job.ts";
import { requireDeployment } from "../jobs/create-job-record.ts";
import { placeGeneration, type PlaceGenerationDeps } from "../jobs/draft-generation.ts";
import { hashOf } from "../jobs/idempotency-key.ts";
import type { BatchRecord, BatchRequest } from "../ports/batches.ts";
import type { CallerKeys } from "../ports/callers.ts";

export interface AcceptLineDeps extends CreateJobDeps, PlaceGenerationDeps {
  offers: readonly ResolvedDeployment[];
  keys: Pick<CallerKeys, "findById">;
}

const maxWaitMs = 24 * 60 * 60_000;

/**
 * Names of the lines' requests, by line number: what a line asks for, and which of those that ask for the same it is. In a later
 * version of the same file a line has the same name, wherever it stands there.
 */
export function nameLines({ id, file }: BatchRecord, requests: readonly BatchRequest[]): Map<number, string> {
  const counts = new Map<string, number>();
  return new Map(
    requests.map(({ line, request }) => {
      const asked = hashOf([file?.blob ?? id, request]);
      const earlier = counts.get(asked) ?? 0;
      counts.set(asked, earlier + 1);
      return [line, `${asked}-${earlier}`];
    }),
  );
}

/** Why no line of the batch is accepted any more; undefined while they are. */
export async function refusalOfLines(
  { keys, clock }: AcceptLineDeps,
  { identity, createdAt }: BatchRecord,
): Promise<AppError | undefined> {
  const now = clock.now();
  if (now.getTime() - Date.parse(createdAt) > maxWaitMs)
    return new AppError("deadlineExceeded", "The line could not be accepted within a day of its batch.");
  const { token, keyId } = identity ?? {};
  if (token && token.expiresAt <= now.toISOString())
    return new AppError("forbidden", "The token of the batch expired before the line could be accepted.");
  if (keyId !== undefined && !(await keys.findById(keyId)))
    return new AppError("forbidden", "The key of the batch was revoked before the line could be accepted.");
  return undefined;
}

/**
 * Accepts a waiting line as a job, the way a request of its own would be, or finds the job that it has: one that this batch
 * recorded before it was cut off, or one of an earlier version of its file that goes on or has succeeded. One that failed, was
 * canceled or deleted is asked for again, under the line's next name. A line that can't be accepted yet stays as it is. Throws what
 * isn't about the line.
 */
export async function acceptLine(
  deps: AcceptLineDeps,
  batch: BatchRecord,
  { line, request, name }: BatchRequest & { name: string },
  context: InvocationContext,
): Promise<BatchLine> {
  const { caller, identity } = batch;
  for (let round = 0; ; round += 1) {
    const key: IdempotencyKey = {
      kind: "line",
      tag: deps.ids.tagOf(caller),
      name: `line-${name}-${round}`,
      bodyHash: batch.id,
    };
    let original = await deps.idempotency.find(key);
    if (!original && batch.canceledAt !== undefined) return { line, state: "canceled" };
    if (!original) {
      try {
        const body = checkShape(request, generationRequest, "line");
        const job = await placeGeneration(
          deps,
          caller,
          body,
          requireDeployment(chooseDeployment(body, deps.offers)),
        );
        original = (await createOnce(deps, job, key, { context, identity }))?.original;
        if (!original) return { line, state: "accepted", jobId: job.id };
      } catch (error) {
        const became = afterError(line, error);
        if (became) return became;
        throw error;
      }
    }
    if (original.bodyHash === batch.id || (await isOfUse(deps, original.jobId)))
      return { line, state: "accepted", jobId: original.jobId };
  }
}

async function isOfUse({ jobs }: AcceptLineDeps, jobId: string): Promise<boolean> {
  const job = await jobs.read(jobId);
  return job !== undefined && job.status !== "failed" && job.status !== "canceled";
}

/** What a line becomes that gets no job. */
export function refused({ line }: LineOf<"waiting">, error: AppError): BatchLine {
  return { line, state: "refused", error: lineError(error) };
}

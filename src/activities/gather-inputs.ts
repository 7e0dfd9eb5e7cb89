import type { GatherOutcome } from "../contracts/workflow.ts";
import { inputBlobName, inputBlobPrefix } from "../domain/blob-name.ts";
import type { ResolvedDeployment } from "../domain/deployment.ts";
import { errorInfo, AppError, isOfRequest } from "../domain/app-error.ts";
import { isTerminal } from "../domain/image-job.ts";
import { tooManyBytes } from "../domain/image-format/inspection-limits.ts";
import { type EditLimits, defaultEditLimits } from "../domain/model-catalogue.ts";
import { partError } from "../domain/param-error.ts";
import { prepareInputs, type PrepareInputsDeps, type ReceivedInputs } from "../edits/prepare-inputs.ts";
import {
  type Arrival,
  inspectUpload,
  limitsFor,
  type ReceivedInput,
  receiveInput,
  widestLimits,
} from "../edits/receive-input.ts";
import type { JobStore } from "../ports/jobs.ts";
import type { AwaitedInput, AwaitedInputs, EditInputs, JobRecord } from "../ports/records.ts";

type Dependencies = PrepareInputsDeps & { jobs: JobStore; offers: readonly ResolvedDeployment[] };

/**
 * Looks whether the inputs of a job have arrived and, once all have, makes them ready. What can't be used is removed and
 * refuses the job. `isLast` says that nothing will be waited for any more.
 */
export const gatherInputsWith =
  (deps: Dependencies) =>
  async ({ jobId, isLast }: { jobId: string; isLast: boolean }): Promise<GatherOutcome> => {
    const job = await deps.jobs.read(jobId);
    if (!job || isTerminal(job.status) || job.inputs || !job.awaits) return { kind: "ready" };
    try {
      const inputs = await gather(deps, job, job.awaits, isLast);
      if (!inputs) return { kind: "waiting" };
      await deps.jobs.amend(jobId, { inputs });
      return { kind: "ready" };
    } catch (error) {
      if (!(error instanceof AppError) || !isOfRequest(error.code)) throw error;
      // Overwritten while it was read: what stands there by the next look counts.
      if (error.code === "conflict" && !isLast) return { kind: "waiting" };
      await deps.uploads.removeAll(inputBlobPrefix(jobId));
      return { kind: "refused", failure: errorInfo(error.code, error.detail) };
    }
  };

/** Undefined while an input is still missing. */
async function gather(
  deps: Dependencies,
  job: JobRecord,
  awaits: AwaitedInputs,
  isLast: boolean,
): Promise<EditInputs | undefined> {
  const all = [...awaits.images, ...(awaits.mask ? [awaits.mask] : [])];
  const found = await Promise.all(all.map((input) => deps.uploads.find(input)));
  // What is too large for any model is removed at first sight, though others are still to come.
  for (const [at, { container, blob, param }] of all.entries()) {
    if ((found[at]?.bytes ?? 0) <= widestLimits.maximumBytes) continue;
    if (container === "uploads") await deps.uploads.remove(blob);
    throw partError(param, "tooLarge", tooManyBytes(widestLimits.maximumBytes).message);
  }
  const missing = all.filter((_, at) => !found[at]);
  const gone = missing.find(({ etag }) => etag !== undefined);
  if (gone) throw partError(gone.param, "expired", "was removed or overwritten before it could be read");
  if (missing[0] && !isLast) return undefined;
  if (missing[0]) throw partError(missing[0].param, "expired", "did not arrive in time");

  const limits = deps.offers.find(({ deployment }) => deployment.name === job.deployment)?.capability.edits;
  const received = await receiveAll(deps, job.id, awaits, limits ?? defaultEditLimits);
  const { model, request } = job;
  return prepareInputs(deps, received, { id: job.id, model, request, limits: limits ?? defaultEditLimits });
}

/** Throws a conflict when one was taken away, or changed, just now: the next look decides. */
async function receiveAll(
  deps: Dependencies,
  jobId: string,
  { images, mask }: AwaitedInputs,
  limits: EditLimits,
): Promise<ReceivedInputs> {
  const received: ReceivedInput[] = [];
  for (const [index, input] of images.entries()) {
    const blob = inputBlobName(jobId, index, "received");
    received.push(await receive(deps, input, { role: "image", blob, limits: limitsFor("image", limits) }));
  }
  if (!mask) return { images: received };
  const blob = inputBlobName(jobId, "mask", "received");
  return {
    images: received,
    mask: await receive(deps, mask, { role: "mask", blob, limits: limitsFor("mask", limits) }),
  };
}

/** A file of the inbox may be overwritten at any time, so the job takes a copy; an upload by ticket is written once. */
async function receive(
  { uploads }: Dependencies,
  input: AwaitedInput,
  arrival: Omit<Arrival, "param">,
): Promise<ReceivedInput> {
  const { param } = input;
  const gone = () => partError(param, "conflict", "was removed or overwritten while it was read");
  if (input.container === "uploads") {
    const received = await inspectUpload(uploads, { ...arrival, param }, input);
    if (!received) throw gone();
    return received;
  }
  const bytes = await uploads.open(input);
  if (!bytes) throw gone();
  return receiveInput(uploads, { ...arrival, param }, bytes);
}

import { resultBlobName } from "../domain/blob-name.ts";
import type { BatchLine } from "../domain/batch.ts";
import { withDecidedEnd } from "../jobs/find-job.ts";
import { toStoredResult } from "../jobs/job-view.ts";
import type { BatchRecord } from "../ports/batches.ts";
import type { ResultStore } from "../ports/inputs.ts";
import type { JobStore } from "../ports/jobs.ts";
import { countsOf, viewBatch, viewLine } from "./batch-resource.ts";
import { lookAtLines } from "./look-at-lines.ts";

export interface ManifestDeps {
  jobs: Pick<JobStore, "read" | "readProgress">;
  generated: ResultStore;
  publicOrigin?: string | undefined;
  retentionDays: number;
}

/** Writes what became of a dropped file to `generate-results`: the batch, and each of its lines with its job, in their order. */
export async function publishManifest(deps: ManifestDeps, batch: BatchRecord): Promise<void> {
  if (!batch.file) return;
  const { blob, modifiedAt } = batch.file;
  const items = await lookAtLines(batch.lines, (line) => itemOf(deps, line));
  const { links: _, ...shown } = viewBatch(deps, batch, "");
  const manifest = { ...shown, source: `generate-inbox/${blob}`, counts: countsOf(items), items };
  await deps.generated.publish(resultBlobName(blob), new Date(modifiedAt), manifest);
}

async function itemOf({ jobs, publicOrigin }: ManifestDeps, line: BatchLine) {
  if (line.state !== "accepted") return viewLine(line, line.state);
  const job = await jobs.read(line.jobId);
  if (!job) return viewLine(line, "deleted");
  const progress = await jobs.readProgress(job.id);
  const ended = withDecidedEnd(job, progress);
  return { ...viewLine(line, ended.status), job: toStoredResult(ended, progress, publicOrigin) };
}

import type { BatchItemReply, BatchListReply, BatchReply, LineStatus } from "../contracts/batches.ts";
import { type BatchLine, type LineError, statusOf } from "../domain/batch.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import { presentLinks } from "../jobs/job-resource.ts";
import type { BatchRecord } from "../ports/batches.ts";
import type { ResultSigner } from "../ports/callers.ts";
import type { JobStore } from "../ports/jobs.ts";
import { lookAtLines } from "./look-at-lines.ts";

export interface BatchResourceDeps {
  jobs: Pick<JobStore, "read">;
  signer: ResultSigner;
  /** How long a finished batch is kept. */
  retentionDays: number;
}

const dayMs = 86_400_000;

/** A batch as callers see it in a list. `origin` is where callers reach the app. */
export function viewBatch(
  { retentionDays }: Pick<BatchResourceDeps, "retentionDays">,
  batch: BatchRecord,
  origin: string,
): BatchListReply["batches"][number] {
  const { finishedAt, failure } = batch;
  const self = `${origin}/api/batches/${batch.id}`;
  return withoutAbsent({
    id: batch.id,
    status: statusOf(batch),
    format: batch.format,
    file: batch.file?.blob,
    created_at: batch.createdAt,
    canceled_at: batch.canceledAt,
    finished_at: finishedAt,
    expires_at: finishedAt && new Date(Date.parse(finishedAt) + retentionDays * dayMs).toISOString(),
    total: batch.lines.length,
    error: failure && viewLineError(failure),
    links: { self, cancel: `${self}/cancel` },
  });
}

/** The batch with its lines, whose jobs are looked at. */
export async function toBatchResource(
  deps: BatchResourceDeps,
  batch: BatchRecord,
  origin: string,
): Promise<BatchReply> {
  const items = await lookAtLines(batch.lines, async (line) => {
    const status = await statusOfLine(deps, line);
    return viewLine(line, status, (jobId) => {
      const { self, result } = presentLinks(deps.signer, `${origin}/api/jobs/${jobId}`, jobId);
      return { self, result };
    });
  });
  return { ...viewBatch(deps, batch, origin), counts: countsOf(items), items };
}

export function countsOf(items: readonly { status: LineStatus }[]): BatchReply["counts"] {
  const counts: Partial<Record<LineStatus, number>> = {};
  for (const { status } of items) counts[status] = (counts[status] ?? 0) + 1;
  return counts as BatchReply["counts"];
}

export function viewLine(
  line: BatchLine,
  status: LineStatus,
  linksOf?: (jobId: string) => BatchItemReply["links"],
): BatchItemReply {
  return withoutAbsent({
    line: line.line,
    status,
    job_id: line.state === "accepted" ? line.jobId : undefined,
    links: line.state === "accepted" && status !== "deleted" ? linksOf?.(line.jobId) : undefined,
    error: line.state === "refused" ? viewLineError(line.error) : undefined,
  });
}

async function statusOfLine({ jobs }: BatchResourceDeps, line: BatchLine): Promise<LineStatus> {
  if (line.state !== "accepted") return line.state;
  return line.end ?? (await jobs.read(line.jobId))?.status ?? "deleted";
}

function viewLineError({ code, message, retryable, param, allowed }: LineError): BatchItemReply["error"] {
  return withoutAbsent({ code, message, retryable, param, allowed: allowed && [...allowed] });
}

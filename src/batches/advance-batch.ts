import type { InvocationContext } from "@azure/functions";
import { inBatches } from "../async/in-batches.ts";
import { AppError } from "../domain/app-error.ts";
import { type BatchLine, isOpen, isWaiting, type LineEnd, type LineOf, withLines } from "../domain/batch.ts";
import { isTerminal } from "../domain/image-job.ts";
import type { BatchRecord, BatchStore, StoredBatch } from "../ports/batches.ts";
import { acceptLine, type AcceptLineDeps, nameLines, refusalOfLines, refused } from "./accept-line.ts";

export interface AdvanceBatchDeps extends AcceptLineDeps {
  batches: BatchStore;
  /** Throws `conflict` for a job that has ended, and `notFound` for one that is gone. */
  cancelJob: (job: { id: string; caller: string }) => Promise<unknown>;
  /** Writes the manifest of a batch that came as a file. */
  publishManifest: (batch: BatchRecord) => Promise<void>;
}

const atOnce = 8;
// Ended jobs are found from the front: the look ends at the first such group in which one goes on.
const lookedAtOnce = 16;

/**
 * Takes a batch as far as it goes now: accepts its waiting lines in their order until one has to wait, notes which jobs have ended,
 * and finishes the batch once all have. Cut off anywhere it is safe to run again, and two that run at once make one job of a line.
 * What others wrote in between ends it; the next round goes on from there.
 */
export async function advanceBatch(
  deps: AdvanceBatchDeps,
  id: string,
  context: InvocationContext,
  isOver: () => boolean,
): Promise<void> {
  let stored = await deps.batches.read(id);
  if (stored && stored.batch.finishedAt === undefined)
    stored = await acceptLines(deps, stored, context, isOver);
  if (stored && stored.batch.canceledAt !== undefined)
    await cancelAll(deps, stored.batch.lines, stored.batch.caller);
  if (stored && stored.batch.finishedAt === undefined) stored = await noteEnds(deps, stored);
  if (!stored) return;
  const { batch } = stored;
  if (batch.finishedAt === undefined) {
    if (batch.lines.some((line) => isWaiting(line) || isOpen(line))) return;
    const finished = { ...stored, batch: { ...batch, finishedAt: deps.clock.now().toISOString() } };
    await deps.publishManifest(finished.batch);
    if (!(await deps.batches.save(finished))) return;
  }
  await deps.batches.close(id);
}

async function acceptLines(
  deps: AdvanceBatchDeps,
  stored: StoredBatch,
  context: InvocationContext,
  isOver: () => boolean,
): Promise<StoredBatch | undefined> {
  if (!stored.batch.lines.some(isWaiting)) return stored;
  const isCanceled = stored.batch.canceledAt !== undefined;
  if (!isCanceled && (await deps.service.mode()) !== "open") return stored;
  const requests = await deps.batches.readRequests(stored.batch.id);
  const names = nameLines(stored.batch, requests);
  const byLine = new Map(requests.map((request) => [request.line, request]));
  while (!isOver()) {
    const { batch } = stored;
    const waiting = batch.lines.filter(isWaiting).slice(0, atOnce);
    if (waiting.length === 0) break;
    const refusal = isCanceled ? undefined : await refusalOfLines(deps, batch);
    const settled = await Promise.allSettled(
      waiting.map(async (line): Promise<BatchLine> => {
        const request = byLine.get(line.line);
        if (refusal) return refused(line, refusal);
        if (!request) throw new AppError("internal", "a line of a batch has no request");
        return acceptLine(deps, batch, { ...request, name: names.get(line.line) ?? "" }, context);
      }),
    );
    const changed = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    const saved = await deps.batches.save({
      ...stored,
      batch: { ...batch, lines: withLines(batch.lines, changed) },
    });
    if (!saved) return cancelLate(deps, batch, changed);
    stored = saved;
    for (const one of settled) if (one.status === "rejected") throw one.reason;
    if (changed.some(isWaiting)) break;
  }
  return stored;
}

/** Somebody wrote in between: if that was a cancellation, it may have looked for these jobs before they were there. */
async function cancelLate(
  deps: AdvanceBatchDeps,
  { id, caller }: BatchRecord,
  changed: readonly BatchLine[],
): Promise<undefined> {
  const current = await deps.batches.read(id);
  if (current?.batch.canceledAt === undefined) return;
  await cancelAll(deps, changed, caller);
}

async function cancelAll(deps: AdvanceBatchDeps, lines: readonly BatchLine[], caller: string): Promise<void> {
  await inBatches(lines.filter(isOpen), atOnce, async ({ jobId }) => {
    try {
      await deps.cancelJob({ id: jobId, caller });
    } catch (error) {
      if (!(error instanceof AppError) || !["conflict", "notFound"].includes(error.code)) throw error;
    }
  });
}

async function noteEnds(deps: AdvanceBatchDeps, stored: StoredBatch): Promise<StoredBatch | undefined> {
  const { batch } = stored;
  const open = batch.lines.filter(isOpen);
  const ended: BatchLine[] = [];
  for (let at = 0; at < open.length; at += lookedAtOnce) {
    const group = open.slice(at, at + lookedAtOnce);
    const looks = await Promise.all(group.map(async (line) => ({ line, end: await endOf(deps, line) })));
    ended.push(...looks.flatMap(({ line, end }) => (end ? [{ ...line, end }] : [])));
    if (looks.some(({ end }) => end === undefined)) break;
  }
  if (ended.length === 0) return stored;
  return deps.batches.save({ ...stored, batch: { ...batch, lines: withLines(batch.lines, ended) } });
}

async function endOf(
  { jobs }: AdvanceBatchDeps,
  { jobId }: LineOf<"accepted">,
): Promise<LineEnd | undefined> {
  const job = await jobs.read(jobId);
  if (!job) return "deleted";
  return isTerminal(job.status) ? (job.status as LineEnd) : undefined;
}

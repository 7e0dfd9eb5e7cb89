import { gather } from "../async/gather.ts";
import { AppError, isOfRequest } from "../domain/app-error.ts";
import { type BatchFormat, batchFormats, lineError, maxBatchBytes } from "../domain/batch.ts";
import type { ResolvedDeployment } from "../domain/deployment.ts";
import type { BatchRecord, BatchStore } from "../ports/batches.ts";
import type { Clock } from "../ports/clock.ts";
import type { InboxFile, UploadStore } from "../ports/inputs.ts";
import type { JobIds } from "../ports/jobs.ts";
import { type BatchSource, draftBatch } from "./draft-batch.ts";
import { publishManifest, type ManifestDeps } from "./publish-manifest.ts";

export interface BatchInbox extends ManifestDeps {
  clock: Clock;
  ids: JobIds;
  offers: readonly ResolvedDeployment[];
  batches: BatchStore;
  uploads: Pick<UploadStore, "open">;
  /** The caller that owns what comes by the inbox. */
  inboxCaller: string;
}

/** Undefined for a file that is left alone. */
export function formatOfFile(blob: string): BatchFormat | undefined {
  const ending = blob.slice(blob.lastIndexOf(".") + 1).toLowerCase();
  return batchFormats.find((format) => format === ending);
}

/** The id of the batch that this version of the file has, or would have. */
export function inboxBatchId({ ids, inboxCaller }: BatchInbox, file: InboxFile): string {
  return ids.batchOfBlob(inboxCaller, `generate-inbox/${file.blob}`, file);
}

/**
 * Makes a batch of this version of a file. One that is none has failed already, and its manifest says why. False when there is
 * nothing to run: it is a batch by now, has failed, or was overwritten, and the new version's time has not come.
 */
export async function createFromFile(deps: BatchInbox, id: string, file: InboxFile): Promise<boolean> {
  const format = formatOfFile(file.blob);
  if (!format) return false;
  const source = {
    id,
    caller: deps.inboxCaller,
    format,
    file: { blob: file.blob, modifiedAt: file.modifiedAt.toISOString() },
  };
  try {
    const text = await readFile(deps, file);
    if (text === undefined) return false;
    const { batch, requests } = await draftBatch(deps, { ...source, text });
    return await deps.batches.create(batch, requests);
  } catch (error) {
    if (!(error instanceof AppError) || !isOfRequest(error.code)) throw error;
    // Overwritten while it was read.
    if (error.code !== "conflict") await createFailed(deps, source, error);
    return false;
  }
}

async function createFailed(
  deps: BatchInbox,
  source: Omit<BatchSource, "text">,
  error: AppError,
): Promise<void> {
  const now = deps.clock.now().toISOString();
  const batch: BatchRecord = {
    ...source,
    createdAt: now,
    finishedAt: now,
    failure: lineError(error),
    lines: [],
  };
  await publishManifest(deps, batch);
  await deps.batches.create(batch, []);
}

async function readFile(
  { uploads }: BatchInbox,
  { blob, etag, bytes }: InboxFile,
): Promise<string | undefined> {
  if (bytes > maxBatchBytes)
    throw new AppError("tooLarge", `The file has ${bytes} bytes; a batch may have ${maxBatchBytes}.`);
  const content = await uploads.open({ container: "generate-inbox", blob, etag });
  if (!content) return undefined;
  const read = await gather(content);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(read);
  } catch {
    throw new AppError(
      "invalidRequest",
      "The file is not valid UTF-8; a spreadsheet saves that as CSV UTF-8.",
    );
  }
}

import type { InvocationContext, StorageBlobHandler } from "@azure/functions";
import type { IdempotencyKey } from "../domain/idempotency.ts";
import { AppError } from "../domain/app-error.ts";
import { isTerminal } from "../domain/image-job.ts";
import { draftFromInbox, type Inbox } from "../edits/inbox.ts";
import type { JobRecord } from "../ports/records.ts";
import { type CreateJobDeps, createOnce } from "../jobs/accept-job.ts";
import { findReplay } from "../jobs/replay-original.ts";

export type InboxDependencies = Inbox &
  CreateJobDeps & {
    publishResult: (step: { jobId: string }) => Promise<unknown>;
  };

export const inboxContainer = "edit-inbox";

/**
 * A file arrived in the inbox. Its job's id is a function of its name and version, so that telling it five times makes one
 * job. The content that the host hands over is left alone: the file is read by its version, and as a stream.
 */
export const editInboxCreated =
  (deps: InboxDependencies): StorageBlobHandler =>
  async (_content, context) => {
    const { blobTrigger } = context.triggerMetadata ?? {};
    if (typeof blobTrigger !== "string") throw new AppError("internal", "a blob event names no blob");
    const blob = blobTrigger.slice(`${inboxContainer}/`.length);
    const job = await draftFromInbox(deps, blob);
    if (job) await acceptOnce(deps, job, context);
  };

/**
 * Accepts a job of the inbox. A second telling, by whatever way, finds it there, and only sees to it that an ended one's
 * result is written. Of a job that was deleted the idempotency record is left: its file is not made again.
 */
export async function acceptOnce(
  deps: InboxDependencies,
  job: JobRecord,
  context: InvocationContext,
): Promise<void> {
  const known = await deps.jobs.read(job.id);
  // The file stays where it is, and is found there once the app is open again.
  if (!known && (await deps.service.mode()) === "draining") return;
  const idempotencyKey = idempotencyKeyOfFile(deps, job);
  if (!known && !(await findReplay(deps, idempotencyKey)))
    await createOnce(deps, job, idempotencyKey, { context, identity: undefined });
  if (isTerminal((known ?? job).status)) await deps.publishResult({ jobId: job.id });
}

/** The job's id is made of the file's place and version, and so is a name for both. */
function idempotencyKeyOfFile({ ids }: InboxDependencies, { id, caller }: JobRecord): IdempotencyKey {
  return { kind: "file", tag: ids.tagOf(caller), name: `file-${id}`, bodyHash: id };
}

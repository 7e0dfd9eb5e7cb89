import type { InvocationContext, StorageBlobHandler } from "@azure/functions";
import { Fault } from "../domain/fault.ts";
import { isTerminal } from "../domain/image-job.ts";
import { draftFromInbox, type Inbox } from "../intake/inbox.ts";
import type { JobRecord } from "../records.ts";
import { type Accepting, recordAndStart } from "./accept-job.ts";

export type InboxDependencies = Inbox &
  Pick<Accepting, "jobs" | "runner" | "logPrompts"> & {
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
    if (typeof blobTrigger !== "string") throw new Fault("internal", "a blob event names no blob");
    const blob = blobTrigger.slice(`${inboxContainer}/`.length);
    const job = await draftFromInbox(deps, blob);
    if (job) await acceptOnce(deps, job, context);
  };

/** Accepts a job of the inbox; a second telling finds it there, and only sees to it that an ended one's result is written. */
export async function acceptOnce(
  deps: InboxDependencies,
  job: JobRecord,
  context: InvocationContext,
): Promise<void> {
  const known = await deps.jobs.read(job.id);
  if (!known) await recordAndStart(deps, job, context).catch(ignoreConflict);
  if (isTerminal((known ?? job).status)) await deps.publishResult({ jobId: job.id });
}

/** Another telling of the same file was faster. */
function ignoreConflict(error: unknown): void {
  if (!(error instanceof Fault) || error.code !== "conflict") throw error;
}

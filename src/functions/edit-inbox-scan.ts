import type { InvocationContext, TimerHandler } from "@azure/functions";
import { ignoredFiles } from "../edits/ignored-files.ts";
import { asksForAnEdit, draftFromInbox, draftFromPoison, inboxJobId } from "../edits/inbox.ts";
import type { InboxFile, InboxListing } from "../ports/inputs.ts";
import { acceptOnce, type InboxDependencies } from "./edit-inbox-created.ts";
import { inBatches } from "../async/in-batches.ts";
import { messageOf } from "../domain/message-of.ts";

type Dependencies = InboxDependencies & { inbox: InboxListing };

// An event comes within seconds, if it comes; anyone who writes a file in several steps has had the time.
const graceMs = 30_000;
// Idempotency records of files stay for a day at least (delete-expired). What is older was told of, or given up by Event Grid.
const windowMs = 23 * 60 * 60_000;
// As the host does with a file that it is told of.
const maxTries = 5;
const retryMs = 60_000;
const atOnce = 8;
// The host ends an instance whose function takes ten minutes; what is left is found by the next round.
const maxRoundMs = 60_000;
// An inbox of many pages is listed less often, so that a round costs one listing request however many files lie there.
const pageRestMs = 15_000;
// Rounds don't come to the millisecond.
const roundSlackMs = 5_000;

/**
 * Starts what lies in the inbox and has no job: its event was lost, or told just before a crash, whereupon the queue hides it
 * for ten minutes. That a file is one job is not decided here, but where jobs are recorded: event and sweep may meet.
 *
 * An inbox where nothing is new costs one listing. What was looked at once is remembered by this instance; another looks
 * once more, at the job's row.
 */
export const editInboxScan = (deps: Dependencies): TimerHandler => {
  // Of the files in the window, by name and version: when each is looked at again, and how often that failed.
  let seen = new Map<string, { again: number; failures: number }>();
  let nextAt = 0;
  // Files that nobody will look at, each said once by this instance.
  let reported = new Set<string>();

  return async (_timer, context) => {
    const now = deps.clock.now().getTime();
    if (now < nextAt) return;
    const kept: typeof seen = new Map();
    const ignored = new Set<string>();
    let pages = 0;
    for await (const files of deps.inbox.pages()) {
      pages += 1;
      for (const { blob, etag } of ignoredFiles(files, now)) ignored.add(JSON.stringify([blob, etag]));
      const recent = files.filter((file) => isRecent(file, now) && asksForAnEdit(file.blob, file));
      await inBatches(recent, atOnce, async (file) => {
        const key = JSON.stringify([file.blob, file.etag]);
        const before = seen.get(key);
        if (before) kept.set(key, before);
        const at = deps.clock.now().getTime();
        if (at < (before?.again ?? 0) || at - now > maxRoundMs) return;
        kept.set(key, await lookAt(deps, file, before?.failures ?? 0, context));
      });
    }
    const fresh = [...ignored].filter((key) => !reported.has(key)).length;
    // Without their names, which are their producer's.
    if (fresh > 0)
      context.warn(
        `${fresh} file(s) of the inbox are ignored: no prompt in their metadata, and no sidecar in their folder`,
      );
    reported = ignored;
    seen = kept;
    nextAt = now + pages * pageRestMs - roundSlackMs;
  };
};

function isRecent({ modifiedAt }: InboxFile, now: number): boolean {
  const ageMs = now - modifiedAt.getTime();
  return ageMs >= graceMs && ageMs < windowMs;
}

/** One file that can't be handled now must not keep the others waiting. */
async function lookAt(
  deps: Dependencies,
  file: InboxFile,
  failures: number,
  context: InvocationContext,
): Promise<{ again: number; failures: number }> {
  try {
    await startUnlessKnown(deps, file, failures >= maxTries, context);
    return { again: Infinity, failures };
  } catch (error) {
    // Without its name, which is its producer's.
    context.error(`a file of the inbox could not be handled: ${messageOf(error)}`);
    return { again: deps.clock.now().getTime() + retryMs, failures: failures + 1 };
  }
}

async function startUnlessKnown(
  deps: Dependencies,
  file: InboxFile,
  isGivenUp: boolean,
  context: InvocationContext,
): Promise<void> {
  const id = inboxJobId(deps, file.blob, file);
  if (await deps.jobs.read(id)) return;
  const job = await (isGivenUp ? draftFromPoison : draftFromInbox)(deps, file.blob);
  // Overwritten meanwhile, it is another file, whose own time has not come.
  if (job?.id !== id) return;
  await acceptOnce(deps, job, context);
}

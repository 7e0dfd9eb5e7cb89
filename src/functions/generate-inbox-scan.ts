import type { InvocationContext, TimerHandler } from "@azure/functions";
import { inBatches } from "../async/in-batches.ts";
import { type BatchInbox, createFromFile, formatOfFile, inboxBatchId } from "../batches/create-from-file.ts";
import { messageOf } from "../domain/message-of.ts";
import type { InboxFile, InboxListing } from "../ports/inputs.ts";
import { advanceNow, type Advance } from "./batches-post.ts";

type Dependencies = BatchInbox & { inbox: InboxListing; advance: Advance; retentionDays: number };

const hourMs = 60 * 60_000;
const atOnce = 4;
const retryMs = 60_000;
// An inbox of many pages is listed less often, so that a round costs one listing request however many files lie there.
const pageRestMs = 15_000;
// Rounds don't come to the millisecond.
const roundSlackMs = 5_000;

/**
 * Makes a batch of each file of `generate-inbox` that has none. A listing shows names and versions, the id of a file's batch is made of
 * these, and a batch is kept for longer than its file is looked at: so a file is one batch, however many look, and an inbox where
 * nothing is new costs one request. This instance remembers what it has looked at.
 */
export const generateInboxScan = (deps: Dependencies): TimerHandler => {
  // By name and version: when a file is looked at again.
  let seen = new Map<string, number>();
  let nextAt = 0;

  return async (_timer, context) => {
    const now = deps.clock.now().getTime();
    if (now < nextAt) return;
    const windowMs = deps.retentionDays * 24 * hourMs - hourMs;
    const kept: typeof seen = new Map();
    let pages = 0;
    for await (const files of deps.inbox.pages()) {
      pages += 1;
      const recent = files.filter(
        ({ blob, modifiedAt }) => formatOfFile(blob) && now - modifiedAt.getTime() < windowMs,
      );
      await inBatches(recent, atOnce, async (file) => {
        const key = JSON.stringify([file.blob, file.etag]);
        const again = seen.get(key) ?? 0;
        kept.set(key, again > now ? again : await lookAt(deps, file, context));
      });
    }
    seen = kept;
    nextAt = now + pages * pageRestMs - roundSlackMs;
  };
};

/** One file that can't be handled now must not keep the others waiting. */
async function lookAt(deps: Dependencies, file: InboxFile, context: InvocationContext): Promise<number> {
  try {
    const id = inboxBatchId(deps, file);
    if (!(await deps.batches.read(id)) && (await createFromFile(deps, id, file)))
      await advanceNow(deps.advance, id, context);
    return Infinity;
  } catch (error) {
    // Without its name, which is its producer's.
    context.error(`a file of generate-inbox could not be handled: ${messageOf(error)}`);
    return deps.clock.now().getTime() + retryMs;
  }
}

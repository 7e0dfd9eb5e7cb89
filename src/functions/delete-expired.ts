import type { InvocationContext, TimerHandler } from "@azure/functions";
import type { CallerAccounts } from "../ports/accounts.ts";
import type { TokenUses } from "../ports/callers.ts";
import type { CancellationNotices } from "../ports/cancellations.ts";
import type { IdempotencyStore, JobRunner } from "../ports/jobs.ts";
import type { BlobContainerCleaner } from "../ports/retention.ts";
import type { RemoveJobDeps } from "../retention/remove-job.ts";
import { removeOldBlobs, removeOldJobs, removeOldUploads, type Round } from "../retention/remove-old.ts";
import { discardOrphans } from "../retention/discard-orphans.ts";
import { messageOf } from "../domain/message-of.ts";

interface Dependencies extends RemoveJobDeps {
  idempotency: IdempotencyStore;
  tokenUses: TokenUses;
  callerAccounts: Pick<CallerAccounts, "removeExpired">;
  cancellations: Pick<CancellationNotices, "removeBefore">;
  runner: (context: InvocationContext) => JobRunner;
  shelves: RemoveJobDeps["shelves"] & { results: BlobContainerCleaner[]; batches: BlobContainerCleaner };
  retentionDays: number;
}

export const deleteExpiredSchedule = "0 30 3 * * *";
const dayMs = 24 * 60 * 60_000;
// Both together end before the host ends the function (host.json); what is left goes tomorrow.
const removalMs = 4 * 60_000;
const discardMs = 8 * 60_000;

/**
 * Removes what has had its time, once a day: jobs after RETENTION_DAYS, uploads and partial images after a day, and what
 * no job owns. Everything is looked up anew, so that a round that was cut off is made good by the next one.
 */
export const deleteExpired =
  (deps: Dependencies): TimerHandler =>
  async (_timer, context) => {
    const now = deps.clock.now();
    const ago = (days: number) => new Date(now.getTime() - days * dayMs);
    const until = (budgetMs: number): Round => ({
      now,
      isOver: () => deps.clock.now().getTime() - now.getTime() >= budgetMs,
      failed: (what, error) => context.error(`${what} could not be tidied: ${messageOf(error)}`),
    });
    const [removal, removeExpired] = [until(removalMs), until(discardMs)];
    /** What can't be read or removed at all today is no reason to leave the rest. */
    const safely = async <T>(what: string, tidy: () => Promise<T>): Promise<T | undefined> => {
      try {
        return await tidy();
      } catch (error) {
        removal.failed(what, error);
        return undefined;
      }
    };
    const kept = ago(deps.retentionDays);
    const runner = deps.runner(context);
    const uploads = await safely("uploads", () => removeOldUploads(deps, ago(1), removal));
    const jobs = await safely("jobs", () => removeOldJobs(deps, runner, kept, removal));
    let results = 0;
    for (const cleaner of deps.shelves.results)
      results += (await safely("results", () => removeOldBlobs(cleaner, kept, removal))) ?? 0;
    await safely("batches", () => removeOldBlobs(deps.shelves.batches, kept, removal));
    // A job is over within a day, and goes with its histories: what is older was of no job, or was started for one that was gone.
    await safely("histories", () => runner.purgeEnded(ago(deps.retentionDays + 2)));
    await safely("idempotency", () => deps.idempotency.removeExpired(ago(1), kept));
    await safely("token uses", () => deps.tokenUses.removeExpired(now));
    // Its last job may have waited, and run, for two days.
    await safely("accounts of tokens", () => deps.callerAccounts.removeExpired(ago(4)));
    await safely("notices of cancellations", () => deps.cancellations.removeBefore(ago(1)));
    await safely("images", () => discardOrphans(deps, removeExpired));
    context.info(
      `removed ${jobs ?? 0} jobs, ${uploads ?? 0} uploads and ${results} results that had had their time`,
    );
  };

import type { TimerHandler } from "@azure/functions";
import { inBatches } from "../async/in-batches.ts";
import { advanceBatch, type AdvanceBatchDeps } from "../batches/advance-batch.ts";
import { type ManifestDeps, publishManifest } from "../batches/publish-manifest.ts";
import { messageOf } from "../domain/message-of.ts";
import type { BatchStore } from "../ports/batches.ts";
import type { Advance } from "./batches-post.ts";
import { cancelJob, type CancelJobDeps } from "./job-cancel-post.ts";

export type AdvancingDeps = Omit<AdvanceBatchDeps, "cancelJob" | "publishManifest"> &
  CancelJobDeps &
  ManifestDeps;

/** How this app advances a batch. */
export const advanceWith =
  (deps: AdvancingDeps): Advance =>
  async (id, context, budgetMs) => {
    const until = deps.clock.now().getTime() + budgetMs;
    const whole = {
      ...deps,
      cancelJob: (job: Parameters<AdvanceBatchDeps["cancelJob"]>[0]) => cancelJob(deps, job, context),
      publishManifest: (batch: Parameters<typeof publishManifest>[1]) => publishManifest(deps, batch),
    };
    await advanceBatch(whole, id, context, () => deps.clock.now().getTime() >= until);
  };

const atOnce = 4;
// The round's other works begin anew only once it is over.
const budgetMs = 10_000;

/** Takes every batch that has not finished as far as it goes, one round after another. */
export const batchesAdvance =
  ({ batches, advance }: { batches: Pick<BatchStore, "listOpen">; advance: Advance }): TimerHandler =>
  async (_timer, context) => {
    await inBatches(batches.listOpen(), atOnce, async (id) => {
      try {
        await advance(id, context, budgetMs);
      } catch (error) {
        // One batch that can't go on now must not keep the others waiting; the next round tries again.
        context.error(`batch ${id} could not be advanced: ${messageOf(error)}`);
      }
    });
  };

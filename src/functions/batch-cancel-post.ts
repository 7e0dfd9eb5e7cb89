import { toBatchResource } from "../batches/batch-resource.ts";
import { changeBatch } from "../batches/change-batch.ts";
import { findBatchOf } from "../batches/find-batch.ts";
import { AppError } from "../domain/app-error.ts";
import { statusOf } from "../domain/batch.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { respondJson } from "../http/respond.ts";
import { advanceNow, type BatchEndpointDeps } from "./batches-post.ts";

/** Stops a batch: its waiting lines get no jobs, and those that have one are canceled. */
export const batchCancelPost = (deps: BatchEndpointDeps): Endpoint => ({
  name: "batch-cancel-post",
  method: "POST",
  route: "api/batches/{id}/cancel",
  access: "caller",
  runsJobs: true,
  async handle({ request, params, caller, context }) {
    const id = params["id"] ?? "";
    const canceledAt = deps.clock.now().toISOString();
    await changeBatch(deps, { caller, id }, (batch) => {
      const status = statusOf(batch);
      if (status !== "running" && status !== "canceled")
        throw new AppError("conflict", `The batch has ${status} already; there is nothing left to cancel.`);
      return batch.canceledAt === undefined ? { ...batch, canceledAt } : undefined;
    });
    await advanceNow(deps.advance, id, context);
    const { batch } = await findBatchOf(deps, caller, id);
    return respondJson(200, await toBatchResource(deps, batch, deps.originOf(request)));
  },
});

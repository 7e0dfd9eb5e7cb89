import { changeBatch } from "../batches/change-batch.ts";
import { statusOf } from "../domain/batch.ts";
import { AppError } from "../domain/app-error.ts";
import type { Endpoint } from "../http/endpoint.ts";
import type { BatchEndpointDeps } from "./batches-post.ts";

/** Removes an ended batch and what its lines asked for; its jobs stay. What is left says that its file was read. */
export const batchesDelete = (deps: BatchEndpointDeps): Endpoint => ({
  name: "batches-delete",
  method: "DELETE",
  route: "api/batches/{id}",
  access: "caller",
  async handle({ params, caller }) {
    const id = params["id"] ?? "";
    await changeBatch(deps, { caller, id }, (batch) => {
      if (statusOf(batch) === "running")
        throw new AppError(
          "conflict",
          "This batch is running. Cancel it, or wait for its end, before you delete it.",
        );
      return { ...batch, lines: [], deletedAt: deps.clock.now().toISOString() };
    });
    await deps.batches.removeRequests(id);
    return { status: 204 };
  },
});

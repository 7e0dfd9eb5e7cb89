import { toBatchResource } from "../batches/batch-resource.ts";
import { findBatchOf } from "../batches/find-batch.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { respondJson } from "../http/respond.ts";
import type { BatchEndpointDeps } from "./batches-post.ts";

/** A batch and what became of each of its lines. */
export const batchesGet = (deps: BatchEndpointDeps): Endpoint => ({
  name: "batches-get",
  method: "GET",
  route: "api/batches/{id}",
  access: "caller",
  async handle({ request, params, caller }) {
    const { batch } = await findBatchOf(deps, caller, params["id"] ?? "");
    return respondJson(200, await toBatchResource(deps, batch, deps.originOf(request)));
  },
});

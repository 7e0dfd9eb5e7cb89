import { viewBatch } from "../batches/batch-resource.ts";
import { type BatchListReply, batchListQuery } from "../contracts/batches.ts";
import { checkShape } from "../contracts/check-shape.ts";
import { writeCursor } from "../domain/list-cursor.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { respondJson } from "../http/respond.ts";
import type { CursorSigner } from "../ports/callers.ts";
import type { BatchEndpointDeps } from "./batches-post.ts";
import { defaultLimit, placeOf, readQuery } from "./jobs-list.ts";

/** The caller's batches, newest first, page by page. */
export const batchesList = (deps: BatchEndpointDeps & { cursors: CursorSigner }): Endpoint => ({
  name: "batches-list",
  method: "GET",
  route: "api/batches",
  access: "caller",
  async handle({ request, caller }) {
    const { limit = defaultLimit, cursor } = checkShape(readQuery(request), batchListQuery, "query");
    const list = JSON.stringify([caller, "batches"]);
    const after = cursor === undefined ? undefined : placeOf(list, cursor, deps.cursors);
    const { batches, next } = await deps.batches.list({ callerTag: deps.ids.tagOf(caller), limit, after });
    const own = batches.filter((batch) => batch.caller === caller && batch.deletedAt === undefined);
    const body: BatchListReply = withoutAbsent({
      batches: own.map((batch) => viewBatch(deps, batch, deps.originOf(request))),
      next_cursor: next === undefined ? undefined : writeCursor(list, next, deps.cursors),
    });
    return respondJson(200, body);
  },
});

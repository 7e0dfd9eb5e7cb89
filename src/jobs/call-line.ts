import { ownerOf } from "../domain/identity.ts";
import type { CallLine } from "../domain/quota/pool-state.ts";
import { lineIdOf } from "../domain/quota/waiting.ts";
import type { JobRecord } from "../ports/records.ts";

/** A call's place among those that wait for its pool. The same when its job is accepted and in its step. */
export function callLine(job: JobRecord, call: number, images: number): CallLine {
  return {
    id: lineIdOf(job.id, call),
    // Subjects of one owner share its turns: a caller can't have more of them by naming more.
    caller: ownerOf(job.caller),
    priority: job.priority ?? "normal",
    since: Date.parse(job.createdAt),
    images,
    following: 0,
    work: workOf(job),
  };
}

/** What calls have in common that take about as long. */
function workOf({ model, request: { size, quality = "" } }: JobRecord): string {
  return `${model}|${size}|${quality}`;
}

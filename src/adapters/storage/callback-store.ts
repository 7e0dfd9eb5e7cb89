import { AppError } from "../../domain/app-error.ts";
import { maxCallbacks } from "../../domain/hook.ts";
import type { CallbackStore } from "../../ports/deliveries.ts";
import type { Callback, JobRecord } from "../../ports/records.ts";
import { callbacksColumn, fromJobRow, jobKey, type JobRow } from "./job-entities.ts";
import { ignoreNotFound, type Tables, withOptimisticConcurrency } from "./tables.ts";

/** Callbacks lie on their job's own row, so that anyone who ends the job, and then reads it, knows of each that was there. */
export function tableCallbackStore({ jobs, ensure }: Pick<Tables, "jobs" | "ensure">): CallbackStore {
  async function change(
    jobId: string,
    make: (callbacks: readonly Callback[]) => readonly Callback[],
  ): Promise<JobRecord | undefined> {
    await ensure();
    const key = jobKey(jobId);
    return withOptimisticConcurrency(async () => {
      const row = await ignoreNotFound(jobs.getEntity<JobRow>(key.partitionKey, key.rowKey));
      if (row?.deletedAt !== undefined || !row) return undefined;
      const job = fromJobRow({ ...row, rowKey: key.rowKey });
      const callbacks = [...make(job.callbacks ?? [])];
      const columns = { ...key, ...callbacksColumn(callbacks) };
      // Unchanged, too: what is answered held at the moment of this write.
      const written = await ignoreNotFound(jobs.updateEntity(columns, "Merge", { etag: row.etag }));
      return written && { ...job, callbacks };
    });
  }

  return {
    bind: (jobId, callback) =>
      change(jobId, (current) => {
        const others = current.filter(({ name }) => name !== callback.name);
        if (others.length >= maxCallbacks)
          throw new AppError("conflict", `${maxCallbacks} runs wait for this job already; that is the most.`);
        return [...others, callback];
      }),
    release: (jobId, name) =>
      change(jobId, (current) => current.filter((callback) => callback.name !== name)),
  };
}

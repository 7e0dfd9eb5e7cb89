import type { JobChange, JobStore } from "../../ports/jobs.ts";

/** Tells those who wait in this process of what it has written itself, as soon as it stands. */
export function announcedJobs(store: Omit<JobStore, "listen">): JobStore {
  const listeners = new Map<string, Set<(change: JobChange) => void>>();

  function announce(jobId: string, change: JobChange): void {
    for (const listener of listeners.get(jobId) ?? []) listener(change);
  }

  return {
    ...store,
    listen(jobId, listener) {
      const ofJob = listeners.get(jobId) ?? new Set();
      listeners.set(jobId, ofJob.add(listener));
      return () => {
        ofJob.delete(listener);
        if (ofJob.size === 0 && listeners.get(jobId) === ofJob) listeners.delete(jobId);
      };
    },
    async append(jobId, event) {
      const isAppended = await store.append(jobId, event);
      announce(jobId, "event");
      return isAppended;
    },
    async begin(jobId, startedAt) {
      const job = await store.begin(jobId, startedAt);
      announce(jobId, "event");
      return job;
    },
    async settleCall(jobId, ...rest) {
      const call = await store.settleCall(jobId, ...rest);
      announce(jobId, "event");
      return call;
    },
    async settleSlots(jobId, slots) {
      await store.settleSlots(jobId, slots);
      announce(jobId, "event");
    },
    async end(jobId, conclude) {
      const ended = await store.end(jobId, conclude);
      announce(jobId, "end");
      return ended;
    },
  };
}

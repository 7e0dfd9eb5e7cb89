import { isTerminal } from "../../src/domain/image-job.ts";
import type { JobSlots } from "../../src/ports/jobs.ts";
import type {
  BlobContainerCleaner,
  JobRetentionStore,
  PendingJob,
  ScanPosition,
} from "../../src/ports/retention.ts";
import type { JobRecord } from "../../src/ports/records.ts";
import { type MemoryJobStore, Outage } from "./fakes.ts";

/** What tidying sees of the stores in memory. Whole sweeps are tested on real storage, in the adapter tier. */

export class MemoryJobRetention implements JobRetentionStore {
  readonly outage = new Outage();
  readonly #store: MemoryJobStore;
  readonly #deleted = new Map<string, { job: JobRecord; deletedAt: string }>();

  constructor(store: MemoryJobStore) {
    this.#store = store;
  }

  async markDeleted(jobId: string, at: Date): Promise<void> {
    const job = this.#store.jobs.get(jobId);
    if (job) this.#deleted.set(jobId, { job, deletedAt: at.toISOString() });
    this.#store.jobs.delete(jobId);
  }

  async readDeleted(jobId: string): Promise<JobRecord | undefined> {
    return this.#deleted.get(jobId)?.job;
  }

  async *listPending(_now: Date, rests: (jobId: string) => boolean): AsyncIterable<PendingJob> {
    yield* this.#deleted.values();
    for (const job of [...this.#store.jobs.values()])
      if (!rests(job.id) && (!isTerminal(job.status) || job.notification === "pending"))
        yield { job: structuredClone(job) };
  }

  async deliveries(): Promise<[]> {
    return [];
  }

  async remove(jobId: string): Promise<void> {
    this.outage.check("remove");
    this.#deleted.delete(jobId);
    this.#store.removeJob(jobId);
  }

  ended(): AsyncIterable<JobRecord[]> {
    throw new Error("not kept in memory");
  }

  slotsByJob(): AsyncIterable<JobSlots> {
    throw new Error("not kept in memory");
  }

  async expireSlot(): Promise<void> {
    throw new Error("not kept in memory");
  }

  async readPlace(): Promise<ScanPosition | undefined> {
    return undefined;
  }

  async keepPlace(): Promise<void> {
    throw new Error("not kept in memory");
  }
}

/** The blobs of a store whose names begin so, under the rest of their names. */
export function memoryContainerCleaner(blobs: Map<string, unknown>, prefix = ""): BlobContainerCleaner {
  const names = () =>
    [...blobs.keys()].flatMap((path) => (path.startsWith(prefix) ? [path.slice(prefix.length)] : [])).sort();
  return {
    async *pages() {
      yield { blobs: names().map((name) => ({ name, modifiedAt: new Date(0), bytes: 0 })) };
    },
    has: async (name) => blobs.has(prefix + name),
    async remove(given) {
      for (const name of given) blobs.delete(prefix + name);
    },
    async removeAll(start) {
      for (const name of names()) if (name.startsWith(start)) blobs.delete(prefix + name);
    },
  };
}

import type { BlobServiceClient } from "@azure/storage-blob";
import { isTerminal } from "../../src/domain/image-job.ts";
import { eventOfSlot } from "../../src/domain/job-event.ts";
import { makeId, callerTag } from "../../src/domain/job-id.ts";
import { deleteExpired } from "../../src/functions/delete-expired.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { BlobContainerCleaner } from "../../src/ports/retention.ts";
import type { JobRecord, SlotRecord } from "../../src/ports/records.ts";
import { blobContainerCleaner } from "../../src/adapters/storage/blob-container-cleaner.ts";
import { tableCallerAccounts } from "../../src/adapters/storage/account-store.ts";
import { tableCancellationNotices } from "../../src/adapters/storage/cancellation-notices.ts";
import { tableIdempotencyStore } from "../../src/adapters/storage/idempotency-store.ts";
import {
  jobKey,
  slotsColumn,
  openRow,
  toCallRow,
  toEndRow,
  toEventRow,
  toSlotRow,
} from "../../src/adapters/storage/job-entities.ts";
import { tableJobRetention } from "../../src/adapters/storage/job-removal.ts";
import { tableJobStore } from "../../src/adapters/storage/job-store.ts";
import { tableTokenUses } from "../../src/adapters/storage/token-use-store.ts";
import type { Tables } from "../../src/adapters/storage/tables.ts";
import { FakeJobRunner } from "./fakes.ts";
import { aContext } from "./http.ts";
import { insertJobs } from "./job-rows.ts";
import { storedSlot } from "./slots.ts";

/** Storage that is full of things that have had their time and of things that have not, and what tidies it. */

export interface Storage {
  blobs: BlobServiceClient;
  tables: Tables;
}

const containers = ["images", "uploads", "edit-results", "generate-results", "batches"] as const;
const dayMs = 24 * 60 * 60_000;

export const daysBefore = (now: Date, days: number) => new Date(now.getTime() - days * dayMs).toISOString();

export const anUploadId = () => makeId("upload", 1, Buffer.from("somebody"), Buffer.from("by chance"));
export const tag = callerTag(Buffer.from("somebody"));

/** What tidies, in pages of two, as if it were the given time. */
export function retentionOf({ blobs, tables }: Storage, clock: Clock) {
  const cleaner = (name: (typeof containers)[number]): BlobContainerCleaner =>
    blobContainerCleaner(blobs, name, 2);
  const runner = new FakeJobRunner();
  return {
    clock,
    runner: () => runner,
    retentionDays: 30,
    jobs: tableJobStore(tables),
    idempotency: tableIdempotencyStore(tables),
    tokenUses: tableTokenUses(tables),
    callerAccounts: tableCallerAccounts(tables),
    cancellations: tableCancellationNotices(tables),
    rows: tableJobRetention(tables, 2),
    closeAccount: async () => {},
    shelves: {
      images: cleaner("images"),
      uploads: cleaner("uploads"),
      results: [cleaner("edit-results"), cleaner("generate-results")],
      batches: cleaner("batches"),
    },
  };
}
export type RetentionParts = ReturnType<typeof retentionOf>;

/** One round of the timer; gives what it logged. */
export async function tidy(retention: RetentionParts): Promise<string[]> {
  const log: string[] = [];
  await deleteExpired(retention)({} as never, aContext(log));
  return log;
}

/** Reads the index of pending jobs as a later round does, which removes what points at nothing. */
export async function tidyIndex({ tables }: Pick<Storage, "tables">): Promise<void> {
  const later = new Date(Date.now() + 60 * 60_000);
  const pending = tableJobRetention(tables).listPending(later)[Symbol.asyncIterator]();
  while ((await pending.next()).done !== true);
}

export async function put(blobs: BlobServiceClient, container: string, ...names: string[]): Promise<void> {
  const client = blobs.getContainerClient(container);
  await client.createIfNotExists();
  await Promise.all(names.map((name) => client.getBlockBlobClient(name).upload("x", 1)));
}

/** A job with rows and blobs of every kind. */
export async function lay(storage: Storage, job: JobRecord, indexes: number[] = [0]): Promise<void> {
  const { blobs, tables } = storage;
  await tables.ensure();
  await insertJobs(tables.jobs, [job]);
  await laySlots(storage, job.id, indexes);
  await layStanding(storage, job);
  // As its end leaves it, where it has one.
  const known = isTerminal(job.status) ? slotsColumn(slotsOf(job.id, indexes)) : {};
  await tables.jobs.updateEntity({ ...jobKey(job.id), ...known }, "Merge");
  for (const rowKey of ["delivery", "attempt-001-001"])
    await tables.deliveries.createEntity({ partitionKey: job.id, rowKey, json: "{}" });
  const ofSlot = (index: number) =>
    [".png", ".256.webp", ".512.webp"].map((end) => `${job.id}/${index}${end}`);
  await put(blobs, "images", ...indexes.flatMap(ofSlot), `${job.id}/partial/0-0.png`);
  await put(blobs, "uploads", `${job.id}/image-0`, `${job.id}/image-0-clean`, `${job.id}/mask`);
}

/** Rows as calls leave them, straight through the table client: the store writes none for a job that isn't there. */
export async function laySlots({ tables }: Storage, jobId: string, indexes: number[]): Promise<void> {
  const slots = slotsOf(jobId, indexes);
  const call = { call: 0, inDoubt: [], duplicates: [], outcome: { kind: "stored" as const } };
  const rows = [
    toCallRow(jobId, call),
    ...slots.map((slot) => toSlotRow(jobId, slot)),
    ...slots.map((slot, at) => toEventRow(jobId, at + 2, eventOfSlot(slot))),
  ];
  for (const row of rows) await tables.slots.createEntity(row);
}

/** The row that says whether the job goes on. */
export async function layStanding({ tables }: Storage, job: JobRecord): Promise<void> {
  const { id, status, finishedAt = job.createdAt } = job;
  if (status === "running") await tables.slots.createEntity(openRow(id));
  else if (status !== "queued") await tables.slots.createEntity(toEndRow(id, { status, finishedAt }));
}

const slotsOf = (jobId: string, indexes: number[]) =>
  indexes.map((index): SlotRecord => {
    const slot = storedSlot(index);
    return slot.state === "stored" ? { ...slot, blob: `${jobId}/${index}.png` } : slot;
  });

/** All that is stored: names of blobs, keys of rows, and what slots say. */
export async function everything({ blobs, tables }: Storage): Promise<string[]> {
  const found: string[] = [];
  for (const name of containers) {
    const container = blobs.getContainerClient(name);
    await container.createIfNotExists();
    for await (const blob of container.listBlobsFlat()) found.push(`${name} ${blob.name}`);
  }
  for (const name of ["jobs", "slots", "deliveries"] as const)
    for await (const row of tables[name].listEntities<{ json?: string; slots?: string }>()) {
      const { partitionKey = "", rowKey = "", json = "{}", slots = "[]" } = row;
      const kept = name === "slots" ? [JSON.parse(json) as SlotRecord] : (JSON.parse(slots) as SlotRecord[]);
      const states = kept.map(({ state }) => state).join();
      found.push([name, partitionKey, rowKey, states].join(" ").trim());
    }
  return found.sort();
}

export async function clear({ blobs, tables }: Storage): Promise<void> {
  await tables.ensure();
  const gone = (await everything({ blobs, tables })).map(async (entry) => {
    const [where = "", first = "", second = ""] = entry.split(" ");
    if (where === "jobs" || where === "slots" || where === "deliveries")
      await tables[where].deleteEntity(first, second);
    else await blobs.getContainerClient(where).deleteBlob(first);
  });
  await Promise.all(gone);
}

const writes = [
  "delete",
  "createEntity",
  "submitTransaction",
  "deleteEntity",
  "updateEntity",
  "upsertEntity",
];

/** The same storage, which goes away for good after so many writes. */
export function dyingAfter({ blobs, tables }: Storage, most: number): Storage & { written: () => number } {
  let count = 0;
  const dying = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(_, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== "function") return value;
        return (...args: unknown[]): unknown => {
          if (writes.includes(String(name)) && (count += 1) > most) throw new Error("storage is away");
          const result: unknown = Reflect.apply(value, target, args);
          return /^get(Container|Blob)Client$/.test(String(name)) ? dying(result as object) : result;
        };
      },
    });
  const { jobs, slots, deliveries } = tables;
  return {
    blobs: dying(blobs),
    tables: { ...tables, jobs: dying(jobs), slots: dying(slots), deliveries: dying(deliveries) },
    written: () => Math.min(count, most),
  };
}

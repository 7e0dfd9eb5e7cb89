import { beforeAll, expect, it } from "vitest";
import type { JobRecord } from "../../src/records.ts";
import { tableDeliveryStore } from "../../src/storage/delivery-store.ts";
import { toJobRow } from "../../src/storage/job-entities.ts";
import { tableJobUpkeep } from "../../src/storage/job-removal.ts";
import { tableJobStore } from "../../src/storage/job-store.ts";
import { notePending } from "../../src/storage/pending-index.ts";
import { interruptedStorage } from "../support/interrupted-storage.ts";
import { aJob } from "../support/jobs.ts";
import { everything, type Storage } from "../support/retention.ts";
import { useAzurite } from "../support/storage.ts";

const azurite = useAzurite();
let storage: Storage;
beforeAll(async () => {
  storage = azurite.clients();
  await storage.tables.ensure();
});

const ended = { status: "succeeded", finishedAt: "2026-01-02T03:05:00.000Z" } as const;

async function pending(from: Storage = storage, now = new Date()): Promise<string[]> {
  const ids: string[] = [];
  for await (const { job } of tableJobUpkeep(from.tables).listPending(now)) ids.push(job.id);
  return ids.sort();
}

async function record(...changes: Partial<JobRecord>[]): Promise<string[]> {
  const jobs = changes.map((change) => aJob(change));
  for (const job of jobs) await tableJobStore(storage.tables).create(job);
  return jobs.map(({ id }) => id);
}

it("finds open jobs, ends to be told and deletions under way", async () => {
  const [open = "", due = "", deleted = ""] = await record({}, { ...ended, notice: "due" }, ended, ended);
  await tableJobUpkeep(storage.tables).markDeleted(deleted, new Date());
  expect(await pending()).toEqual([open, due, deleted].sort());
});

it("reads nothing of jobs that have ended and were told, whatever their number", async () => {
  const rows = Array.from({ length: 100 }, () => aJob(ended)).map((job) => toJobRow(job));
  await storage.tables.jobs.submitTransaction(rows.map((row) => ["create", { ...row }]));
  await record(ended, ended, ended);
  const before = await pending();
  const counted = interruptedStorage(storage, Infinity, () => Promise.resolve());
  expect(await pending(counted)).toEqual(before);
  // One page of the index for each sixteen, and a row for each that it names.
  expect(counted.asked()).toBeLessThanOrEqual(before.length + Math.ceil((before.length + 1) / 16) + 1);
});

it("a row ahead of its job waits for it, and goes once it must have been cut off", async () => {
  const { id } = aJob();
  await notePending(storage.tables.jobs, id);
  expect(await pending()).not.toContain(id);
  expect((await everything(storage)).filter((entry) => entry.includes(id))).toHaveLength(1);
  await pending(storage, new Date(Date.now() + 11 * 60_000));
  expect((await everything(storage)).filter((entry) => entry.includes(id))).toEqual([]);
});

it("a job that is due anew is found again", async () => {
  const [id = ""] = await record({ ...ended, notice: "settled" });
  expect(await pending()).not.toContain(id);

  await tableDeliveryStore(storage.tables).mark(id, "due");
  expect(await pending()).toContain(id);
});

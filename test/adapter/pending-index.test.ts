import { beforeAll, describe, expect, it } from "vitest";
import { isTerminal } from "../../src/domain/image-job.ts";
import type { JobRecord } from "../../src/ports/records.ts";
import { tableIdempotencyStore } from "../../src/adapters/storage/idempotency-store.ts";
import { jobKey, type JobRow } from "../../src/adapters/storage/job-entities.ts";
import { tableJobRetention } from "../../src/adapters/storage/job-removal.ts";
import { tableJobStore } from "../../src/adapters/storage/job-store.ts";
import { notePending } from "../../src/adapters/storage/pending-index.ts";
import { ignoreNotFound } from "../../src/adapters/storage/tables.ts";
import { countedReads } from "../support/counted-reads.ts";
import { interruptedStorage } from "../support/interrupted-storage.ts";
import { insertJobs, manyJobs } from "../support/job-rows.ts";
import { aJob } from "../support/jobs.ts";
import { dyingAfter, everything, type Storage } from "../support/retention.ts";
import { useAzurite } from "../support/storage.ts";

const azurite = useAzurite();
let storage: Storage;
beforeAll(async () => {
  storage = azurite.clients();
  await storage.tables.ensure();
});

const ended = { status: "succeeded", finishedAt: "2026-01-02T03:05:00.000Z" } as const;
const notified = { ...ended, notification: "sent" } as const;
const tagOf = ({ id }: JobRecord) => jobKey(id).partitionKey;

async function pending(from: Storage = storage, now = new Date()): Promise<string[]> {
  const ids: string[] = [];
  for await (const { job } of tableJobRetention(from.tables).listPending(now)) ids.push(job.id);
  return ids.sort();
}

async function record(...changes: Partial<JobRecord>[]): Promise<string[]> {
  const jobs = changes.map((change) => aJob(change));
  for (const job of jobs) await tableJobStore(storage.tables).create(job);
  return jobs.map(({ id }) => id);
}

it("finds open jobs, ends to be told and deletions under way", async () => {
  const [open = "", due = "", deleted = ""] = await record(
    {},
    { ...ended, notification: "pending" },
    ended,
    ended,
  );
  await tableJobRetention(storage.tables).markDeleted(deleted, new Date());
  expect(await pending()).toEqual([open, due, deleted].sort());
});

/** All that makes a job pending, and the job as it stands before. */
const writers: [
  what: string,
  before: Partial<JobRecord> | undefined,
  write: (from: Storage, job: JobRecord) => Promise<unknown>,
][] = [
  ["its record", undefined, ({ tables }, job) => tableJobStore(tables).create(job)],
  [
    "its record under an idempotency record",
    undefined,
    ({ tables }, job) =>
      tableIdempotencyStore(tables).record(job, {
        kind: "key",
        tag: tagOf(job),
        name: job.id,
        bodyHash: "b",
      }),
  ],
  [
    "a notification that is due anew",
    notified,
    ({ tables }, job) => tableJobStore(tables).markNotification(job.id, "pending"),
  ],
  ["its deletion", notified, ({ tables }, job) => tableJobRetention(tables).markDeleted(job.id, new Date())],
];

describe.each(writers)("a job that is pending by %s is found", (_, before, write) => {
  async function lay(): Promise<JobRecord> {
    const job = aJob(before);
    if (before) await insertJobs(storage.tables.jobs, [job]);
    return job;
  }
  const isPending = async ({ id }: JobRecord) => {
    const { partitionKey, rowKey } = jobKey(id);
    const row = await ignoreNotFound(storage.tables.jobs.getEntity<JobRow>(partitionKey, rowKey));
    return row !== undefined && (row.open || row.notification === "pending" || row.deletedAt !== undefined);
  };

  it("wherever its writer is cut off", async () => {
    const whole = dyingAfter(storage, Infinity);
    await write(whole, await lay());
    for (let most = 0; most < whole.written(); most += 1) {
      const job = await lay();
      await expect(write(dyingAfter(storage, most), job)).rejects.toThrow("storage is away");
      expect([most, await isPending(job)]).toEqual([most, false]);
    }
  });

  it("whichever of its writer's requests a reader comes before, and whenever it is seen", async () => {
    let requests = 1;
    for (let at = 0; at < requests; at += 1) {
      const job = await lay();
      const watched = interruptedStorage(storage, at, async () => {
        const [found, is] = [await pending(), await isPending(job)];
        expect([at, found.includes(job.id)]).toEqual([at, is]);
      });
      await write(watched, job);
      requests = watched.asked();
      expect([at, await isPending(job), (await pending()).includes(job.id)]).toEqual([at, true, true]);
    }
    expect(requests).toBeGreaterThan(1);
  });
});

it("of a job that is pending for two reasons is told once", async () => {
  const [id = ""] = await record({});
  await tableJobRetention(storage.tables).markDeleted(id, new Date());
  expect((await pending()).filter((found) => found === id)).toEqual([id]);
});

it("a round over ten thousand ended jobs reads none of them", async () => {
  const many = manyJobs(10_000, new Date("2026-01-01T00:00:00.000Z"), () => notified);
  await insertJobs(storage.tables.jobs, many);
  // What the tests before this one have left.
  const later = new Date(Date.now() + 60 * 60_000);
  for (const id of await pending(storage, later)) await tableJobRetention(storage.tables).remove(id);
  await record({ status: "running" }, {}, { ...ended, notification: "pending" }, notified);
  const counted = countedReads(storage.tables);
  const retention = tableJobRetention(counted.tables);
  const running = new Set<string>();
  /** Four rounds, as a minute has; jobs that run rest after the first. */
  const rowsOfAMinute = async () => {
    for (let round = 0; round < 4; round += 1)
      for await (const { job } of retention.listPending(new Date(), (id) => running.has(id)))
        if (!isTerminal(job.status)) running.add(job.id);
    return counted.take();
  };
  const first = await rowsOfAMinute();
  expect(first.rows).toBeLessThanOrEqual(24);
  running.clear();
  const { rows, filters } = await rowsOfAMinute();
  expect(rows).toBeLessThanOrEqual(20);
  // Not by another column, for which the service would go through the whole table.
  expect([...first.filters, ...filters].every((filter) => filter === "PartitionKey eq 'pending'")).toBe(true);
}, 60_000);

it("a request that loses its idempotency record leaves no row, and takes none of the winner's", async () => {
  const asked = Array.from({ length: 10 }, () => aJob());
  const [name, tag] = [`key-${asked[0]?.id ?? ""}`, tagOf(asked[0] ?? expect.unreachable())];
  const idempotency = tableIdempotencyStore(storage.tables);
  const idempotencyKey = { kind: "key", tag, name, bodyHash: "b" } as const;
  await Promise.all(asked.map((job) => idempotency.record(job, idempotencyKey)));
  const winner = (await idempotency.find(idempotencyKey))?.jobId;
  const rows = (await everything(storage)).filter((entry) => entry.startsWith("jobs pending "));
  const left = asked.filter(({ id }) => rows.some((row) => row.includes(id)));
  expect(left.map(({ id }) => id)).toEqual([winner]);
});

it("nor does one that joins another's job: nothing of it is recorded", async () => {
  const [job, { id }] = [aJob(), aJob()];
  const earlier = { jobId: id, bodyHash: "b", recordedAt: job.createdAt };
  const idempotencyKey = { kind: "firstTry", tag: tagOf(job), name: job.id, bodyHash: "b" } as const;
  const joining = { ...idempotencyKey, joins: async () => Promise.resolve(earlier) };
  expect(await tableIdempotencyStore(storage.tables).record(job, joining)).toEqual(earlier);
  expect((await everything(storage)).filter((entry) => entry.includes(job.id))).toEqual([]);
});

it("a file that is told of again leaves its job's row in the index", async () => {
  const job = aJob();
  const idempotency = tableIdempotencyStore(storage.tables);
  const idempotencyKey = { kind: "file", tag: tagOf(job), name: `file-${job.id}`, bodyHash: job.id } as const;
  await idempotency.record(job, idempotencyKey);
  const later = { ...job, createdAt: "2027-01-01T00:00:00.000Z" };
  expect(await idempotency.record(later, idempotencyKey)).toMatchObject({
    jobId: job.id,
    recordedAt: job.createdAt,
  });
  expect(await pending()).toContain(job.id);
});

it("a row ahead of its job waits for it, and goes once it must have been cut off", async () => {
  const { id } = aJob();
  await notePending(storage.tables.jobs, id, "record");
  expect(await pending()).not.toContain(id);
  expect((await everything(storage)).filter((entry) => entry.includes(id))).toHaveLength(1);
  await pending(storage, new Date(Date.now() + 16 * 60_000));
  expect((await everything(storage)).filter((entry) => entry.includes(id))).toEqual([]);
});

it("a job that is due anew is found again", async () => {
  const [id = ""] = await record({ ...ended, notification: "sent" });
  expect(await pending()).not.toContain(id);

  await tableJobStore(storage.tables).markNotification(id, "pending");
  expect(await pending()).toContain(id);
});

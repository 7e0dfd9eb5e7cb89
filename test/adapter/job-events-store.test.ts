import { failedSlots } from "../../src/activities/store-image.ts";
import type { TableClient } from "@azure/data-tables";
import { beforeAll, describe, expect, it } from "vitest";
import { errorInfo } from "../../src/domain/app-error.ts";
import { eventFeeds } from "../../src/jobs/event-feed.ts";
import type { Conclusion, JobStore } from "../../src/ports/jobs.ts";
import type { JobEnd, JobRecord } from "../../src/ports/records.ts";
import { slotsOfRow } from "../../src/adapters/storage/job-entities.ts";
import { tableJobRetention } from "../../src/adapters/storage/job-removal.ts";
import { tableJobStore } from "../../src/adapters/storage/job-store.ts";
import type { Tables } from "../../src/adapters/storage/tables.ts";
import { aJob } from "../support/jobs.ts";
import { failedSlot, storedSlot } from "../support/slots.ts";
import { useAzurite } from "../support/storage.ts";

const azurite = useAzurite();
let tables: Tables;
let store: JobStore;
beforeAll(() => {
  tables = azurite.clients().tables;
  store = tableJobStore(tables);
});

async function running(): Promise<JobRecord> {
  const job = aJob();
  await store.create(job);
  return (await store.begin(job.id, job.createdAt)) ?? job;
}

const ending = (status: JobEnd["status"], slots: Conclusion["slots"] = []): Conclusion => ({
  end: { status, finishedAt: "2026-01-02T03:04:09.000Z" },
  slots,
});
const namesOf = async (jobId: string) => (await store.readEvents(jobId, 1)).map(({ type }) => type);

/** A table whose partitions are read in two pieces, with something between them: the service may cut them anywhere. */
function inPieces(table: TableClient, between: () => Promise<void>): TableClient {
  return new Proxy(table, {
    get(target, name) {
      if (name !== "listEntities") return (Reflect.get(target, name) as () => unknown).bind(target);
      return async function* ({ queryOptions }: { queryOptions: { filter: string } }) {
        const piece = (range: string) =>
          target.listEntities({ queryOptions: { filter: `${queryOptions.filter} and ${range}` } });
        yield* piece("RowKey lt 'event-'");
        await between();
        yield* piece("RowKey ge 'event-'");
      };
    },
  });
}

describe("events", () => {
  it("are numbered without gaps by however many writers there are at once", async () => {
    const { id } = await running();
    await Promise.all(
      Array.from({ length: 10 }, async (_, call) => {
        await store.beginAttempt(id, call, "a1", undefined);
        const delivered = {
          type: "image.partial",
          index: call,
          blob: "x",
          contentType: "image/png",
        } as const;
        await store.append(id, { ...delivered, step: 0 });
        await store.settleCall(id, call, (record) => record, [storedSlot(call)]);
      }),
    );
    const events = await store.readEvents(id, 1);
    expect(events.map(({ number }) => number)).toEqual(Array.from({ length: 21 }, (_, at) => at + 2));
    for (let index = 0; index < 10; index += 1) {
      const types = events.filter((event) => "index" in event && event.index === index);
      expect(types.map(({ type }) => type)).toEqual(["image.partial", "image.succeeded"]);
    }
  });

  it("are told once, however often the step that tells of them runs", async () => {
    const { id } = await running();
    const partial = {
      type: "image.partial",
      index: 0,
      step: 1,
      blob: "x",
      contentType: "image/png",
    } as const;
    expect(await store.append(id, partial)).toBe(true);
    expect(await store.append(id, partial)).toBe(true);
    expect(await store.append(id, { type: "job.running" })).toBe(true);
    expect(await store.readEvents(id, 1)).toEqual([
      { type: "job.running", number: 2, at: expect.any(String) as string },
      { ...partial, number: 3, at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string },
    ]);
  });

  it("can be read from any number on, and always with the same time", async () => {
    const { id } = await running();
    await store.settleSlots(id, failedSlots([0, 1], errorInfo("throttled", "later")));
    const all = await store.readEvents(id, 1);
    expect(await store.readEvents(id, 2)).toEqual(all.slice(1));
    expect(await store.readEvents(id, 4)).toEqual([]);
  });

  it("tell of no partial image once the image is there", async () => {
    const { id } = await running();
    await store.beginAttempt(id, 0, "a1", undefined);
    await store.settleCall(id, 0, (record) => record, [storedSlot(0)]);
    const late = { type: "image.partial", index: 0, step: 2, blob: "x", contentType: "image/png" } as const;
    expect(await store.append(id, late)).toBe(false);
    expect(await store.append(id, { ...late, index: 1 })).toBe(true);
  });

  it("tell a refusal from another failure", async () => {
    const { id } = await running();
    await store.beginAttempt(id, 0, "a1", undefined);
    await store.settleCall(id, 0, (record) => record, [failedSlot(0), failedSlot(1, "throttled")]);
    expect(await namesOf(id)).toEqual(["job.running", "image.refused", "image.failed"]);
  });
});

it("what one instance writes, watchers of another one see", async () => {
  const { id } = await running();
  const elsewhere = tableJobStore(azurite.clients().tables);
  const feed = await eventFeeds(elsewhere, 20).join(id);
  await store.beginAttempt(id, 0, "a1", undefined);
  await store.settleCall(id, 0, (record) => record, [storedSlot(0)]);
  await store.end(id, async () => ending("succeeded"));
  while (feed.events.length < 4) await feed.changed();
  expect(feed.events.map(({ event }) => event.type)).toEqual([
    "job.queued",
    "job.running",
    "image.succeeded",
    "job.succeeded",
  ]);
  expect(feed.events.at(-1)).toMatchObject({
    job: { status: "succeeded" },
    progress: { slots: [storedSlot(0)] },
  });
});

describe("the end of a job", () => {
  it("has one winner, and nothing is told after it", async () => {
    const { id } = await running();
    const ends = await Promise.all([
      store.end(id, async () => ending("succeeded")),
      store.end(id, async () => ending("canceled")),
      store.end(id, async () => ending("failed")),
      ...Array.from({ length: 5 }, (_, index) =>
        store.settleSlots(id, failedSlots([index], errorInfo("internal", "no"))),
      ),
    ]);
    const [first, ...others] = ends.flatMap((ended) => (ended ? [ended.job] : []));
    expect(others.map(({ status }) => status)).toEqual([first?.status, first?.status]);
    expect((await namesOf(id)).at(-1)).toBe(`job.${first?.status}`);
    expect((await store.readProgress(id)).end).toMatchObject({ status: first?.status });
    expect((await store.read(id))?.status).toBe(first?.status);
  });

  it("lets no late image, failure or event in", async () => {
    const { id } = await running();
    await store.beginAttempt(id, 0, "a1", undefined);
    await store.end(id, async () => ending("canceled"));
    const usage = { input_tokens: 1, output_tokens: 2, total_tokens: 3 };
    const late = await store.settleCall(id, 0, (record) => ({ ...record, usage }), [storedSlot(0)]);
    expect(late).toMatchObject({ isOver: true, record: { usage } });
    await store.settleSlots(id, failedSlots([1], errorInfo("internal", "no")));
    expect(await store.append(id, { type: "job.running" })).toBe(false);
    const { slots, calls } = await store.readProgress(id);
    expect([slots, calls]).toMatchObject([[], [{ usage }]]);
    expect(await namesOf(id)).toEqual(["job.running", "job.canceled"]);
  });

  it("lets no call be opened any more", async () => {
    const { id } = await running();
    await store.beginAttempt(id, 0, "a1", undefined);
    await store.end(id, async () => ending("canceled"));
    expect(await store.beginAttempt(id, 0, "a1", undefined)).toEqual({ kind: "over" });
    expect(await store.beginAttempt(id, 1, "a1", undefined)).toEqual({ kind: "over" });
    expect((await store.readProgress(id)).calls).toEqual([{ call: 0, inDoubt: ["a1"], duplicates: [] }]);
  });

  it("lets nothing in behind it though a writer read the partition in two pieces, one before it", async () => {
    const { id } = await running();
    let isFirst = true;
    const slots = inPieces(tables.slots, async () => {
      if (isFirst) await store.end(id, async () => ending("canceled"));
      isFirst = false;
    });
    await tableJobStore({ ...tables, slots }).settleSlots(id, failedSlots([0], errorInfo("internal", "no")));
    expect(isFirst).toBe(false);
    expect(await namesOf(id)).toEqual(["job.running", "job.canceled"]);
  });

  it("holds while the job is being removed, when only its own row still says so", async () => {
    const { id } = await running();
    await store.end(id, async () => ending("canceled"));
    for await (const { rowKey = "" } of tables.slots.listEntities({
      queryOptions: { filter: `PartitionKey eq '${id}'` },
    }))
      await tables.slots.deleteEntity(id, rowKey);
    expect(await store.append(id, { type: "job.running" })).toBe(false);
    expect(await store.beginAttempt(id, 0, "a1", undefined)).toEqual({ kind: "over" });
    await store.settleSlots(id, failedSlots([0], errorInfo("internal", "no")));
    expect(await store.readProgress(id)).toEqual({ slots: [], calls: [] });
    expect(await namesOf(id)).toEqual([]);
  });

  it("gives slots without an end theirs, and leaves the others", async () => {
    const { id } = await running();
    await store.beginAttempt(id, 0, "a1", undefined);
    await store.settleCall(id, 0, (record) => record, [storedSlot(0)]);
    await store.end(id, async ({ slots }) => {
      expect(slots).toEqual([storedSlot(0)]);
      return ending("succeeded", [failedSlot(0), failedSlot(1)]);
    });
    expect((await store.readProgress(id)).slots).toEqual([storedSlot(0), failedSlot(1)]);
    expect(await namesOf(id)).toEqual(["job.running", "image.succeeded", "image.refused", "job.succeeded"]);
  });

  it("is written to the job's row when the one who decided it didn't live to", async () => {
    const { id } = await running();
    await tables.slots.createEntity({
      partitionKey: id,
      rowKey: "end",
      json: JSON.stringify(ending("canceled").end),
    });
    expect(await store.end(id, async () => ending("succeeded"))).toMatchObject({
      job: { status: "canceled", finishedAt: "2026-01-02T03:04:09.000Z" },
    });
  });

  it("leaves the slots on the job's row, for lists, with the marks of their thumbnails", async () => {
    const { id } = await running();
    await store.beginAttempt(id, 0, "a1", undefined);
    await store.settleCall(id, 0, (record) => record, [storedSlot(0), storedSlot(1)]);
    await store.end(id, async () => ending("succeeded"));
    await store.markThumbnails(id, [1]);
    const rows = tables.jobs.listEntities({ queryOptions: { filter: `RowKey eq '${id}'` } });
    for await (const row of rows)
      expect(slotsOfRow(row as never)).toEqual([storedSlot(0), storedSlot(1, true)]);
    expect(await store.read(id)).toMatchObject({ status: "succeeded" });
  });

  it("of a job that isn't there is none", async () => {
    expect(await store.end(aJob().id, async () => ending("canceled"))).toBeUndefined();
  });
});

describe("a job that was deleted while calls were on their way", () => {
  it("gets no rows again, whatever they bring", async () => {
    const { id } = await running();
    await store.beginAttempt(id, 0, "a1", undefined);
    await store.end(id, async () => ending("canceled"));
    await tableJobRetention(tables).remove(id);

    const partial = {
      type: "image.partial",
      index: 0,
      step: 0,
      blob: "x",
      contentType: "image/png",
    } as const;
    expect(await store.append(id, partial)).toBe(false);
    await store.settleSlots(id, failedSlots([0], errorInfo("internal", "no")));
    const outcome = { kind: "stored" } as const;
    const closed = await store.settleCall(id, 0, (record) => ({ ...record, outcome }), [storedSlot(0)]);
    expect(closed).toMatchObject({ record: { outcome }, isOver: true });
    expect(await store.beginAttempt(id, 1, "a1", undefined)).toEqual({ kind: "over" });
    expect(await store.readProgress(id)).toEqual({ slots: [], calls: [] });
    expect(await namesOf(id)).toEqual([]);
  });

  it("has ended, as far as they can tell", async () => {
    const { id } = await running();
    expect(await store.hasEnded(id)).toBe(false);
    await store.end(id, async () => ending("canceled"));
    expect(await store.hasEnded(id)).toBe(true);
    await tableJobRetention(tables).remove(id);
    expect(await store.hasEnded(id)).toBe(true);
  });
});

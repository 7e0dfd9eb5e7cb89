import { failedSlots } from "../../src/activities/store-image.ts";
import { beforeAll, describe, expect, it } from "vitest";
import type { JobList } from "../../src/contracts/http-api.ts";
import { errorInfo } from "../../src/domain/app-error.ts";
import { ownerTag } from "../../src/domain/job-id.ts";
import type { UsedJob } from "../../src/domain/usage.ts";
import type { Finished } from "../../src/domain/trigger-state.ts";
import { jobsList } from "../../src/functions/jobs-list.ts";
import { hmacCursorSigner } from "../../src/adapters/crypto/cursor-signer.ts";
import type { JobListQuery, JobStore, SucceededQuery } from "../../src/ports/jobs.ts";
import type { JobRecord } from "../../src/ports/records.ts";
import { tableJobStore } from "../../src/adapters/storage/job-store.ts";
import { tableJobUsage } from "../../src/adapters/storage/job-usage.ts";
import { anApp, keep } from "../support/app.ts";
import { send } from "../support/http.ts";
import { insertJobs, manyJobs } from "../support/job-rows.ts";
import { aJob } from "../support/jobs.ts";
import { failedSlot, storedSlot } from "../support/slots.ts";
import { useAzurite } from "../support/storage.ts";

const azurite = useAzurite();
let store: JobStore;
beforeAll(() => {
  store = tableJobStore(azurite.clients().tables);
});

/** A caller whose jobs no other test has. */
let callers = 0;
const aCaller = () => `key:caller-${(callers += 1)}`;

function queryOf(job: JobRecord, query: Partial<JobListQuery> = {}): JobListQuery {
  return { caller: job.caller, callerTag: ownerTag("job", job.id), limit: 20, ...query };
}

async function idsOf(query: JobListQuery): Promise<string[]> {
  return (await store.list(query)).jobs.map(([{ id }]) => id);
}

const startedAt = "2026-01-02T03:04:06.000Z";

describe("a list", () => {
  it("gives whole jobs with what is known of their slots", async () => {
    const caller = aCaller();
    const jobs = [
      aJob({ caller, createdAt: "2026-01-01T00:00:00.000Z", tags: ["a"], metadata: { b: "c" } }),
      aJob({ caller, createdAt: "2026-01-02T00:00:00.000Z" }),
    ] as const;
    for (const job of jobs) await store.create(job);
    await store.begin(jobs[0].id, startedAt);
    await store.settleSlots(jobs[0].id, failedSlots([1], errorInfo("contentFilter", "no")));
    const { jobs: listed, next } = await store.list(queryOf(jobs[0]));
    expect(next).toBeUndefined();
    expect(listed).toEqual([
      [jobs[1], { slots: [], calls: [] }],
      [{ ...jobs[0], status: "running", startedAt }, await store.readProgress(jobs[0].id)],
    ]);
    expect(listed[1]?.[1].slots).toHaveLength(1);
  });

  it("is narrowed by the service, and a tag is found wherever it stands among eight", async () => {
    const caller = aCaller();
    const tags = Array.from({ length: 8 }, (_, at) => `t:${at}.a-b_c`);
    const [first, second, third] = [
      aJob({ caller, tags, createdAt: "2026-01-01T00:00:00.000Z" }),
      aJob({ caller, tags: tags.slice(0, 1), model: "it's", createdAt: "2026-01-02T00:00:00.000Z" }),
      aJob({ caller, createdAt: "2026-01-03T00:00:00.000Z" }),
    ];
    for (const job of [first, second, third]) await store.create(job);
    await store.end(third.id, async () => ({ end: { status: "failed", finishedAt: "now" }, slots: [] }));
    for (const tag of tags.slice(1)) expect(await idsOf(queryOf(first, { tag }))).toEqual([first.id]);
    expect(await idsOf(queryOf(first, { tag: tags[0] ?? "" }))).toEqual([second.id, first.id]);
    expect(await idsOf(queryOf(first, { tag: "t:0" }))).toEqual([]);
    expect(await idsOf(queryOf(first, { model: "it's" }))).toEqual([second.id]);
    expect(await idsOf(queryOf(first, { status: "failed" }))).toEqual([third.id]);
    const all = { status: "queued", model: "it's", tag: tags[0] ?? "" } as const;
    expect(await idsOf(queryOf(first, all))).toEqual([second.id]);
  });

  it("takes an ended job's slots from its row, with the thumbnails that were made since", async () => {
    const job = aJob({ caller: aCaller() });
    await store.create(job);
    await store.begin(job.id, startedAt);
    await store.beginAttempt(job.id, 0, "a1", undefined);
    await store.settleCall(job.id, 0, (record) => record, [storedSlot(0), storedSlot(1)]);
    await store.end(job.id, async () => ({ end: { status: "succeeded", finishedAt: "now" }, slots: [] }));
    await store.markThumbnails(job.id, [1]);
    const { slots } = await store.readProgress(job.id);
    // What the partition says isn't looked at any more.
    const partition = azurite.clients().tables.slots;
    for (const { index } of slots) await partition.deleteEntity(job.id, `slot-00${index}`);
    const [listed] = (await store.list(queryOf(job))).jobs;
    expect(listed).toMatchObject([{ status: "succeeded", finishedAt: "now" }, { slots }]);
  });

  it("shows a job that has ended as ended, although its row is a moment behind", async () => {
    const app = anApp();
    const job = await keep(app, { status: "running" }, [failedSlot(0)]);
    app.jobs.readProgress = async () => ({
      slots: [],
      calls: [],
      end: { status: "canceled", finishedAt: "2026-01-02T03:04:06.000Z" },
    });
    const { json } = await app.ask("jobsList", { path: "/api/jobs" });
    expect(json).toMatchObject({ jobs: [{ id: job.id, status: "canceled" }] });
  });

  it("keeps a job's tags when the job moves on", async () => {
    const job = aJob({ caller: aCaller(), tags: ["a"] });
    await store.create(job);
    await store.begin(job.id, startedAt);
    expect(await idsOf(queryOf(job, { tag: "a" }))).toEqual([job.id]);
  });

  it("of a caller whose tag is another's too has only the caller's own", async () => {
    const job = aJob({ caller: aCaller() });
    await store.create(job);
    expect(await idsOf(queryOf(job, { caller: "key:else" }))).toEqual([]);
  });

  it.each(["nonsense", btoa("{}"), btoa(JSON.stringify({ nextPartitionKey: "x", nextRowKey: "\n" }))])(
    "from a place that the service doesn't know, %s, is never a fault of ours",
    async (after) => {
      const job = aJob({ caller: aCaller() });
      await store.create(job);
      const outcome = await store.list(queryOf(job, { after })).catch((error: unknown) => error);
      if (outcome instanceof Error) expect(outcome).toMatchObject({ code: "invalidRequest" });
    },
  );
});

describe("jobs that succeeded", () => {
  const since = "2026-01-02T00:00:00.000Z";

  async function anEnded(
    change: Partial<JobRecord>,
    status: "succeeded" | "failed" | "canceled" = "succeeded",
  ) {
    const { finishedAt = since, ...facts } = change;
    const job = aJob({ createdAt: "2026-01-01T12:00:00.000Z", ...facts });
    await store.create(job);
    await store.begin(job.id, startedAt);
    await store.end(job.id, async () => ({ end: { status, finishedAt }, slots: [] }));
    return job.id;
  }

  async function foundBy(query: SucceededQuery): Promise<Finished[]> {
    const found: Finished[] = [];
    for await (const job of store.listSucceeded(query)) found.push(job);
    return found;
  }

  it("are found by when they ended, by model and by tag, and only the caller's own", async () => {
    const caller = aCaller();
    const after = "2026-01-02T00:00:01.000Z";
    const wanted = await anEnded({ caller, finishedAt: after, tags: ["b", "a"] });
    await anEnded({ caller, finishedAt: since, tags: ["a"] });
    await anEnded({ caller, finishedAt: after, tags: ["b"] });
    await anEnded({ caller, finishedAt: after, tags: ["a"], model: "other" });
    await anEnded({ caller, finishedAt: after, tags: ["a"], createdAt: "2025-12-01T00:00:00.000Z" });
    await anEnded({ caller, finishedAt: after, tags: ["a"] }, "canceled");
    await anEnded({ caller: aCaller(), finishedAt: after, tags: ["a"] });
    await store.create(aJob({ caller, tags: ["a"] }));
    const callerTag = ownerTag("job", wanted);
    const query = {
      caller,
      callerTag,
      createdAfter: new Date("2026-01-01T00:00:00.000Z"),
      finishedAfter: since,
    };
    const found = await foundBy({ ...query, tag: "a", model: "dall-e-3" });
    expect(found).toEqual([{ id: wanted, finishedAt: after }]);
    expect(await foundBy(query)).toHaveLength(3);
  });
});

describe("ten thousand jobs", () => {
  const caller = "key:busy";
  let old: JobRecord[];
  beforeAll(async () => {
    await store.ping();
    old = manyJobs(10_000, new Date("2026-01-01T00:00:00.000Z"), (at) => ({
      caller,
      ...(at % 1_000 === 0 && { tags: ["rare"] }),
    }));
    await insertJobs(azurite.clients().tables.jobs, old);
  }, 60_000);

  const app = () => {
    const { ids, images, signer, originOf, waits } = anApp();
    return jobsList({
      jobs: store,
      ids,
      images,
      signer,
      waits,
      originOf,
      retentionDays: 30,
      cursors: hmacCursorSigner("k".repeat(32)),
    });
  };

  async function* pages(query: string): AsyncGenerator<JobList> {
    const endpoint = app();
    let cursor = "";
    do {
      const path = `/api/jobs?${query}${cursor}`;
      const { status, json } = await send(endpoint, { path, headers: { "x-caller": caller } });
      expect(status).toBe(200);
      const page = json as JobList;
      yield page;
      cursor = page.next_cursor === undefined ? "" : `&cursor=${page.next_cursor}`;
    } while (cursor !== "");
  }

  it("are each seen exactly once, newest first, while a hundred more are added", async () => {
    const added = manyJobs(100, new Date("2026-06-01T00:00:00.000Z"), () => ({ caller }));
    const seen: string[] = [];
    for await (const { jobs } of pages("limit=100")) {
      seen.push(...jobs.map(({ id }) => id));
      const another = added.pop();
      if (another) await store.create(another);
    }
    expect(added).toEqual([]);
    expect(seen).toEqual(old.map(({ id }) => id).reverse());
  }, 60_000);

  it("are found by a rare tag, page by page", async () => {
    const seen: string[] = [];
    for await (const { jobs } of pages("tag=rare&limit=3")) seen.push(...jobs.map(({ id }) => id));
    const rare = old.filter(({ tags }) => tags);
    expect(seen).toEqual(rare.map(({ id }) => id).reverse());
  });
});

it("usage is of the jobs that came in those days, of one caller or of all, with the images of ended ones", async () => {
  const usage = tableJobUsage(azurite.clients().tables, store);
  const [caller, other] = [aCaller(), aCaller()];
  const price = { currency: "USD", perImage: 40_000 };
  const at = (createdAt: string, change: Partial<JobRecord> = {}) =>
    aJob({ caller, createdAt, price, tags: ["a"], ...change });
  const jobs = [
    at("2025-05-01T23:59:59.999Z"),
    at("2025-05-02T00:00:00.000Z"),
    at("2025-05-03T23:59:59.999Z"),
    at("2025-05-04T00:00:00.000Z"),
    at("2025-05-02T12:00:00.000Z", { caller: other }),
  ] as const;
  for (const job of jobs) await store.create(job);
  const { id } = jobs[1];
  await store.begin(id, "2025-05-02T00:00:01.000Z");
  await store.settleSlots(id, [storedSlot(0), ...failedSlots([1], errorInfo("contentFilter", "no"))]);
  const finishedAt = "2025-05-02T00:00:09.000Z";
  await store.end(id, () => ({ end: { status: "succeeded", finishedAt }, slots: [] }));

  const days = { from: new Date("2025-05-02"), to: new Date("2025-05-04") };
  const list = async (of?: { caller: string; callerTag: string }) => {
    const found: UsedJob[] = [];
    for await (const job of usage.list({ ...days, of })) found.push(job);
    return found.toSorted((a, b) => a.createdAt.localeCompare(b.createdAt));
  };
  const facts = { caller, model: jobs[1].model, price, tags: ["a"] };
  const own = [
    { ...facts, createdAt: jobs[1].createdAt, made: { images: 1, usage: undefined } },
    { ...facts, createdAt: jobs[2].createdAt },
  ];
  expect(await list({ caller, callerTag: ownerTag("job", id) })).toEqual(own);
  expect(await list()).toEqual([own[0], { ...own[1], caller: other, createdAt: jobs[4].createdAt }, own[1]]);
});

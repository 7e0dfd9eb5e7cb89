import { failedSlots } from "../../../src/activities/store-image.ts";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { errorInfo } from "../../../src/domain/app-error.ts";
import { eventFeeds } from "../../../src/jobs/event-feed.ts";
import type { JobEnd } from "../../../src/ports/records.ts";
import { MemoryJobStore } from "../../support/fakes.ts";
import { aJob } from "../../support/jobs.ts";

async function aFeed(change: Parameters<typeof aJob>[0] = { status: "running" }) {
  const diary: string[] = [];
  const jobs = new MemoryJobStore(diary);
  const job = aJob(change);
  await jobs.create(job);
  await jobs.append(job.id, { type: "job.running" });
  const end = (status: JobEnd["status"]) =>
    jobs.end(job.id, async () => ({ end: { status, finishedAt: "2026-01-02T03:04:09.000Z" }, slots: [] }));
  const reads = () => diary.filter((operation) => operation === "readEvents").length;
  return { id: job.id, jobs, end, reads, feeds: eventFeeds(jobs, 5) };
}

type Feed = Awaited<ReturnType<ReturnType<typeof eventFeeds>["join"]>>;
const typesOf = ({ events }: Feed) => events.map(({ event }) => event.type);

async function untilEnded(feed: Feed): Promise<void> {
  while (!/^job\.(succeeded|failed|canceled)$/.test(typesOf(feed).at(-1) ?? "")) await feed.changed();
}

describe("a feed", () => {
  it("begins with the past and goes on as the store does", async () => {
    const { id, jobs, end, feeds } = await aFeed();
    const feed = await feeds.join(id);
    expect(typesOf(feed)).toEqual(["job.queued", "job.running"]);
    await jobs.settleSlots(id, failedSlots([0], errorInfo("throttled", "later")));
    while (feed.events.length < 3) await feed.changed();
    expect(typesOf(feed)).toEqual(["job.queued", "job.running", "image.failed"]);
    await end("canceled");
    await untilEnded(feed);
    expect(feed.events.map(({ event }) => event.number)).toEqual([1, 2, 3, 4]);
  });

  it("is read once for however many watchers", async () => {
    const { id, feeds, end, reads } = await aFeed();
    const alone = await feeds.join(id);
    const before = reads();
    const watchers = await Promise.all(Array.from({ length: 200 }, () => feeds.join(id)));
    expect(reads() - before).toBeLessThan(50);
    await end("succeeded");
    await Promise.all([alone, ...watchers].map(untilEnded));
    expect(new Set(watchers.map(({ events }) => events)).size).toBe(1);
  });

  it("of a job that has ended is shared by those who are there, and read anew by the next", async () => {
    const { id, feeds, end } = await aFeed();
    await end("succeeded");
    const crowd = [await feeds.join(id), await feeds.join(id)];
    await sleep(20);
    crowd.push(await feeds.join(id));
    expect(new Set(crowd.map(({ events }) => events)).size).toBe(1);
    for (const { unsubscribe } of crowd) unsubscribe();
    expect((await feeds.join(id)).events).not.toBe(crowd[0]?.events);
  });

  it("is not read any more once all have left", async () => {
    const { id, feeds, reads } = await aFeed();
    const [one, other] = [await feeds.join(id), await feeds.join(id)];
    one.unsubscribe();
    one.unsubscribe();
    await sleep(20);
    const early = reads();
    while (reads() === early) await sleep(5);
    other.unsubscribe();
    await sleep(20);
    const seen = reads();
    await sleep(40);
    expect(reads()).toBe(seen);
  });

  it("outlives storage that is away for a moment", async () => {
    const { id, jobs, end, feeds } = await aFeed();
    const feed = await feeds.join(id);
    jobs.outage.of("readEvents");
    await sleep(30);
    jobs.outage.end();
    await end("failed");
    await untilEnded(feed);
    expect(typesOf(feed)).toEqual(["job.queued", "job.running", "job.failed"]);
  });

  it("shows a job as its events have it, though its row is still behind", async () => {
    const { id, jobs, end, feeds } = await aFeed();
    await end("canceled");
    jobs.jobs.set(id, { ...jobs.jobs.get(id)!, status: "running" });
    const feed = await feeds.join(id);
    expect(feed.events.at(-1)?.job).toMatchObject({ status: "canceled" });
  });

  it("reads no event twice, also when two readings overlap", async () => {
    const { id, jobs, feeds } = await aFeed();
    const feed = await feeds.join(id);
    await jobs.settleSlots(id, failedSlots([0, 1], errorInfo("throttled", "later")));
    await Promise.all([feed.catchUp(), feed.catchUp()]);
    await sleep(20);
    expect(feed.events.map(({ event }) => event.number)).toEqual([1, 2, 3, 4]);
    feed.unsubscribe();
  });
});

it("a job that ended before events were kept has its end told from its record", async () => {
  const jobs = new MemoryJobStore();
  const job = aJob({ status: "failed", finishedAt: "2026-01-02T03:04:09.000Z" });
  await jobs.create(job);
  const feed = await eventFeeds(jobs, 5).join(job.id);
  expect(feed.events.map(({ event }) => event)).toEqual([
    { type: "job.queued", number: 1, at: job.createdAt },
    { type: "job.failed", number: 2, at: "2026-01-02T03:04:09.000Z" },
  ]);
});

it("an end that is written while the past is read is told once, under its own number", async () => {
  const { id, jobs, end, feeds } = await aFeed();
  const read = jobs.readEvents.bind(jobs);
  let looks = 0;
  jobs.readEvents = async (...from) => {
    const recorded = await read(...from);
    looks += 1;
    if (looks === 1) {
      await jobs.settleSlots(id, failedSlots([0], errorInfo("throttled", "later")));
      await end("failed");
    }
    return recorded;
  };
  const feed = await feeds.join(id);
  await untilEnded(feed);
  expect(feed.events.map(({ event }) => [event.number, event.type])).toEqual([
    [1, "job.queued"],
    [2, "job.running"],
    [3, "image.failed"],
    [4, "job.failed"],
  ]);
});

it("a job that isn't there has no feed", async () => {
  const feeds = eventFeeds(new MemoryJobStore(), 5);
  await expect(feeds.join(aJob().id)).rejects.toMatchObject({ code: "notFound" });
});

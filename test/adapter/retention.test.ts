import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { BlobContainerCleaner } from "../../src/ports/retention.ts";
import type { JobRecord } from "../../src/ports/records.ts";
import { tableJobStore } from "../../src/adapters/storage/job-store.ts";
import { discardOrphans } from "../../src/retention/discard-orphans.ts";
import { aJob } from "../support/jobs.ts";
import {
  anUploadId,
  clear,
  daysBefore,
  dyingAfter,
  everything,
  lay,
  laySlots,
  put,
  type Storage,
  tidy,
  tidyIndex,
  retentionOf,
} from "../support/retention.ts";
import { useAzurite } from "../support/storage.ts";

const azurite = useAzurite();
let storage: Storage;
beforeAll(() => {
  storage = azurite.clients();
});
beforeEach(() => clear(storage));

/** Storage tells its own time, so that what is written now is looked at from a month later. */
const now = new Date(Date.now() + 31 * 24 * 60 * 60_000);
const clock = { now: () => now };
const ago = (days: number) => daysBefore(now, days);

const ended = (days: number, change: Partial<JobRecord> = {}) =>
  aJob({ status: "succeeded", createdAt: ago(days), finishedAt: ago(days), ...change });
const upload = anUploadId();
const needed = `${upload.slice(0, -1)}${upload.endsWith("z") ? "y" : "z"}`;
const input = { blob: needed, contentType: "image/png", width: 1, height: 2, bytes: 3, sha256: "ab" };

const jobs = {
  old: ended(40),
  ancient: ended(400, { status: "failed", caller: "key:tablet" }),
  late: ended(31, { finishedAt: ago(29) }),
  young: ended(2),
  open: aJob({ status: "running", createdAt: ago(40), inputs: { images: [input] } }),
};
const lost = [aJob({ createdAt: ago(3) }).id, aJob({ createdAt: ago(50) }).id] as const;

async function layAll(): Promise<void> {
  for (const job of Object.values(jobs)) await lay(storage, job, job === jobs.young ? [0, 1] : [0]);
  await storage.blobs.getContainerClient("images").deleteBlob(`${jobs.young.id}/1.png`);
  // Blobs whose job is gone, with slots and without, and blobs that others put there.
  await put(storage.blobs, "images", `${lost[0]}/0.png`, `${lost[1]}/0.png`, `${lost[1]}/partial/0-1.png`);
  await laySlots(storage, lost[1], [0]);
  await put(storage.blobs, "images", "readme.txt", "notes/partial/a.txt");
  await put(storage.blobs, "uploads", upload, needed);
  await put(storage.blobs, "edit-results", "a.json");
}

/** What is left: all of the jobs that are kept but partial images and inputs, and all of the open one. */
function leftovers(): string[] {
  const ofImage = (index: number) => [".png", ".256.webp", ".512.webp"].map((end) => `${index}${end}`);
  const kept = (job: JobRecord, images: string[], known: string, ...rows: string[]) => [
    ...images.map((name) => `images ${job.id}/${name}`),
    `jobs ${job.id.slice(14, 26)} ${job.id} ${known}`.trim(),
    ...["call-000", "event-000002", ...rows].map((row) => `slots ${job.id} ${row}`),
    ...["attempt-001-001", "delivery"].map((row) => `deliveries ${job.id} ${row}`),
  ];
  return [
    ...kept(jobs.late, ofImage(0), "stored", "end", "slot-000 stored"),
    ...kept(
      jobs.young,
      [...ofImage(0), ...ofImage(1).slice(1)],
      "stored,failed",
      ...["end", "event-000003", "slot-000 stored", "slot-001 failed"],
    ),
    ...kept(jobs.open, [...ofImage(0), "partial/0-0.png"], "", "open", "slot-000 stored"),
    ...["image-0", "image-0-clean", "mask"].map((name) => `uploads ${jobs.open.id}/${name}`),
    `uploads ${needed}`,
    "images readme.txt",
    "images notes/partial/a.txt",
  ].sort();
}

describe("a round of retention", () => {
  it("removes what has had its time, and nothing else", async () => {
    await layAll();
    await tidy(retentionOf(storage, clock));
    expect(await everything(storage)).toEqual(leftovers());
  });

  it("removes from the task hub what it has of the jobs it removes, and what is older than all of them", async () => {
    await layAll();
    const retention = retentionOf(storage, clock);
    await tidy(retention);
    const { purged, endedPurged } = retention.runner();
    expect(purged.sort()).toEqual([jobs.old.id, jobs.ancient.id].sort());
    expect(endedPurged).toEqual([new Date(ago(32))]);
  });

  it("keeps the row of a job whose orchestration doesn't end, and goes on with it another time", async () => {
    await layAll();
    const retention = retentionOf(storage, clock);
    const isThere = async () =>
      (await everything(storage)).some((row) => row.startsWith(`jobs`) && row.includes(jobs.old.id));
    retention.runner().states.set(jobs.old.id, "active");
    await tidy(retention);
    expect(await isThere()).toBe(true);
    retention.runner().states.set(jobs.old.id, "ended");
    await tidy(retention);
    expect(await isThere()).toBe(false);
  });

  it("leaves an upload that can't be removed, says so, and removes all the rest", async () => {
    await layAll();
    await put(storage.blobs, "uploads", "0-leased", "0-other");
    const leased = storage.blobs.getContainerClient("uploads").getBlobClient("0-leased").getBlobLeaseClient();
    await leased.acquireLease(-1);
    const log = await tidy(retentionOf(storage, clock));
    expect(log.join("\n")).toContain("could not be tidied");
    const left = await everything(storage);
    await leased.breakLease(0);
    expect(left).toEqual([...leftovers(), "uploads 0-leased"].sort());
  });

  it("goes on when a whole container can't be read", async () => {
    await layAll();
    const retention = retentionOf(storage, clock);
    const uploads: BlobContainerCleaner = {
      ...retention.shelves.uploads,
      pages: () => {
        throw new Error("storage is away");
      },
    };
    const log = await tidy({ ...retention, shelves: { ...retention.shelves, uploads } });
    expect(log.join("\n")).toContain("uploads could not be tidied: storage is away");
    expect((await everything(storage)).filter((row) => !row.startsWith("uploads "))).toEqual(
      leftovers().filter((row) => !row.startsWith("uploads ")),
    );
  });

  it("tells of an image whose blob is gone in plain words", async () => {
    await layAll();
    await tidy(retentionOf(storage, clock));
    const { slots } = await tableJobStore(storage.tables).readProgress(jobs.young.id);
    expect(slots[1]).toMatchObject({
      state: "failed",
      index: 1,
      failure: { code: "expired", message: "This image is no longer stored.", retryable: false },
    });
  });

  it("tells the same where a list looks, on the job's own row, and of no other slot", async () => {
    const { id, caller } = jobs.young;
    await lay(storage, jobs.young, [0, 1]);
    await storage.blobs.getContainerClient("images").deleteBlob(`${id}/1.png`);
    await tidy(retentionOf(storage, clock));
    const { jobs: listed } = await tableJobStore(storage.tables).list({
      caller,
      callerTag: id.slice(14, 26),
      limit: 20,
    });
    expect(listed[0]?.[1].slots).toMatchObject([
      { state: "stored" },
      { index: 1, failure: { code: "expired" } },
    ]);
  });

  it("changes nothing the second time", async () => {
    await layAll();
    await tidy(retentionOf(storage, clock));
    await tidy(retentionOf(storage, clock));
    expect(await everything(storage)).toEqual(leftovers());
  });

  it("leaves all that was written within the last day", async () => {
    await put(storage.blobs, "images", `${lost[0]}/0.png`);
    await laySlots(storage, lost[0], [0]);
    const young = aJob({ status: "succeeded", createdAt: new Date().toISOString() });
    await lay(storage, young);
    await put(storage.blobs, "uploads", upload);
    await put(storage.blobs, "edit-results", "a.json");
    const before = await everything(storage);
    await tidy(retentionOf(storage, { now: () => new Date() }));
    expect(await everything(storage)).toEqual(before);
  });

  it("leaves the old blobs of a job whose row is written while they are looked at", async () => {
    await put(storage.blobs, "images", `${lost[0]}/0.png`);
    const retention = retentionOf(storage, clock);
    const { images } = retention.shelves;
    const pages: BlobContainerCleaner["pages"] = async function* (from) {
      for await (const page of images.pages(from)) {
        await retention.jobs.create(aJob({ id: lost[0], createdAt: ago(3) })).catch(() => undefined);
        yield page;
      }
    };
    await tidy({ ...retention, shelves: { ...retention.shelves, images: { ...images, pages } } });
    expect(await everything(storage)).toContain(`images ${lost[0]}/0.png`);
  });

  it("takes no image for gone that was stored after blobs were listed", async () => {
    await lay(storage, jobs.young);
    const retention = retentionOf(storage, clock);
    const { images } = retention.shelves;
    const pages: BlobContainerCleaner["pages"] = async function* (from) {
      for await (const page of images.pages(from)) yield { ...page, blobs: [] };
    };
    await tidy({ ...retention, shelves: { ...retention.shelves, images: { ...images, pages } } });
    expect(await everything(storage)).toContain(`slots ${jobs.young.id} slot-000 stored`);
  });

  it("isn't kept from the rest by one job that can't be removed", async () => {
    await layAll();
    const retention = retentionOf(storage, clock);
    const { rows } = retention;
    const remove = (jobId: string) =>
      jobId === jobs.ancient.id ? Promise.reject(new Error("not now")) : rows.remove(jobId);
    const log = await tidy({ ...retention, rows: { ...rows, remove } });
    expect(log).toContainEqual(`error: job ${jobs.ancient.id} could not be tidied: not now`);
    const kept = await everything(storage);
    expect(kept.some((entry) => entry.includes(jobs.old.id))).toBe(false);
  });
});

it("a round that is cut off at any of its writes is made good by the next", async () => {
  async function laySome(): Promise<void> {
    await clear(storage);
    await Promise.all([
      lay(storage, jobs.old),
      lay(storage, jobs.young, [1]),
      put(storage.blobs, "images", `${lost[1]}/0.png`),
      laySlots(storage, lost[1], [0]),
      put(storage.blobs, "uploads", upload),
    ]);
    await storage.blobs.getContainerClient("images").deleteBlob(`${jobs.young.id}/1.png`);
  }
  await laySome();
  const whole = dyingAfter(storage, Infinity);
  await tidy(retentionOf(whole, clock));
  const [total, left] = [whole.written(), await everything(storage)];
  expect(total).toBeGreaterThan(15);
  expect(left).toContain(`slots ${jobs.young.id} slot-001 failed`);
  for (let most = 0; most < total; most += 1) {
    await laySome();
    await tidy(retentionOf(dyingAfter(storage, most), clock)).catch(() => undefined);
    await tidy(retentionOf(storage, clock));
    await tidyIndex(storage);
    expect([most, await everything(storage)]).toEqual([most, left]);
  }
}, 120_000);

describe("a sweep whose time is over", () => {
  it("goes on where it stopped, until all has been looked at, and then begins anew", async () => {
    const ids = Array.from({ length: 30 }, (_, at) => aJob({ createdAt: ago(2 + at) }).id).sort();
    await put(storage.blobs, "images", ...ids.map((id) => `${id}/0.png`));
    const retention = retentionOf(storage, clock);
    const left: number[] = [];
    do {
      await discardOrphans(retention, { now, isOver: () => true, failed: () => undefined });
      left.push((await everything(storage)).filter((entry) => entry.startsWith("images ")).length);
    } while ((await retention.rows.readPlace()) !== undefined);
    expect(left).toEqual([22, 14, 6, 0]);
  });

  it("doesn't look again at what it has seen", async () => {
    const ids = Array.from({ length: 12 }, (_, at) => aJob({ createdAt: ago(2 + at) }).id).sort();
    await put(storage.blobs, "images", ...ids.map((id) => `${id}/0.png`));
    const retention = retentionOf(storage, clock);
    await retention.rows.keepPlace({ after: ids[9] ?? "" });
    await discardOrphans(retention, { now, isOver: () => false, failed: () => undefined });
    expect(await everything(storage)).toEqual(ids.slice(0, 10).map((id) => `images ${id}/0.png`));
  });
});

import { describe, expect, it } from "vitest";
import { makeThumbnailsWith } from "../../../src/activities/make-thumbnails.ts";
import type { SlotRecord } from "../../../src/ports/records.ts";
import { FakeThumbnailMaker, MemoryImageStore, MemoryJobStore } from "../../support/fakes.ts";
import { aJob } from "../../support/jobs.ts";
import { aPng } from "../../support/pictures.ts";
import { failedSlot, storedSlot } from "../../support/slots.ts";

async function aStore(...slots: SlotRecord[]) {
  const jobs = new MemoryJobStore();
  const images = new MemoryImageStore();
  const thumbnails = new FakeThumbnailMaker();
  const job = aJob({ status: "succeeded" });
  const { id } = job;
  await jobs.create(job);
  jobs.arrange(id, { call: 0, inDoubt: [], duplicates: [] }, slots);
  await images.put("blobs/0.png", aPng(), { contentType: "image/png" });
  const make = async (...indexes: number[]) =>
    makeThumbnailsWith({ jobs, images, thumbnails })({
      jobId: id,
      images: indexes.length > 0 ? indexes : [0],
    });
  return { id, jobs, images, thumbnails, make };
}

describe("thumbnails", () => {
  it("are made in both sizes beside their image, and then marked", async () => {
    const { id, jobs, images, make } = await aStore(storedSlot(0));
    expect(await make()).toEqual({ made: 1 });
    const webp = { contentType: "image/webp" };
    expect([images.blobs.get(`${id}/0.256.webp`), images.blobs.get(`${id}/0.512.webp`)]).toEqual([
      { bytes: new TextEncoder().encode("256 of 46"), facts: webp },
      { bytes: new TextEncoder().encode("512 of 46"), facts: webp },
    ]);
    expect((await jobs.readProgress(id)).slots).toMatchObject([{ hasThumbnails: true }]);
  });

  it("are made of an image that another instance stored, which this one doesn't recall", async () => {
    const { id, jobs, make } = await aStore(storedSlot(0));
    const { job, progress } = (await jobs.recall(id))!;
    jobs.recall = async () => ({ job, progress: { ...progress, slots: [] }, isFresh: false });
    expect(await make()).toEqual({ made: 1 });
  });

  it("are made once", async () => {
    const { thumbnails, make } = await aStore(storedSlot(0));
    await make();
    await make();
    expect(thumbnails.made).toEqual([256, 512]);
  });

  it("aren't marked while one is missing", async () => {
    const { id, jobs, images, make } = await aStore(storedSlot(0));
    images.outage.of("put");
    await expect(make()).rejects.toThrow("storage is away");
    expect((await jobs.readProgress(id)).slots[0]).not.toHaveProperty("hasThumbnails");
  });

  it.each([0, 7])("aren't made of slot %i, which has no image", async (index) => {
    const { thumbnails, make } = await aStore(failedSlot(0));
    expect(await make(index)).toEqual({ made: 0 });
    expect(thumbnails.made).toEqual([]);
  });

  it("of the others are made and marked when one fails, which fails then, to be run again", async () => {
    const { id, jobs, make } = await aStore({ ...storedSlot(1), blob: "gone" } as SlotRecord, storedSlot(0));
    await expect(make(0, 1)).rejects.toThrow("gone");
    const { slots } = await jobs.readProgress(id);
    expect(slots.map((slot) => "hasThumbnails" in slot)).toEqual([false, true]);
  });

  it("that nobody can find are removed: their job was deleted", async () => {
    const { id, jobs, images, make } = await aStore(storedSlot(0));
    jobs.markThumbnails = async () => false;
    expect(await make()).toEqual({ made: 0 });
    jobs.removeJob(id);
    await images.put(`${id}/0.256.webp`, aPng(), { contentType: "image/webp" });
    expect(await make()).toEqual({ made: 0 });
    expect([...images.blobs.keys()]).toEqual(["blobs/0.png"]);
  });

  it("are never taken for images of the job", async () => {
    const { id, images, make } = await aStore(storedSlot(0));
    await make();
    expect(await images.list(id)).toEqual([]);
  });
});

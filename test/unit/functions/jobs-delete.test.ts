import { describe, expect, it } from "vitest";
import type { JobRecord } from "../../../src/ports/records.ts";
import { type App, anApp, caller, keep } from "../../support/app.ts";
import { storedSlot } from "../../support/slots.ts";

const path = (id: string) => `/api/jobs/${id}`;
const remove = (app: App, id: string) => app.ask("jobsDelete", { path: path(id) });

function input(blob: string) {
  return { blob, contentType: "image/png", width: 1, height: 2, bytes: 3, sha256: "ab" };
}

async function withBlobs(app: App, change: Partial<JobRecord> = {}): Promise<JobRecord> {
  const job = await keep(app, { status: "succeeded", ...change }, [storedSlot(0)]);
  const facts = { contentType: "image/png" };
  for (const name of ["0.png", "0.256.webp", "0.512.webp", "partial/0-1.png"])
    await app.images.put(`${job.id}/${name}`, new Uint8Array(1), facts);
  for (const name of ["image-0", "image-0-clean", "mask"]) app.uploads.drop(`uploads/${job.id}/${name}`, "x");
  return job;
}

describe("deleting a job", () => {
  it.each(["succeeded", "failed", "canceled"] as const)(
    "that has %s takes its row, images, thumbnails, partial images and inputs away",
    async (status) => {
      const app = anApp();
      const { id } = await withBlobs(app, { status });
      const other = await withBlobs(app);
      const answer = await remove(app, id);
      expect([answer.status, answer.text]).toEqual([204, ""]);
      expect([...app.images.blobs.keys()].filter((name) => !name.startsWith(other.id))).toEqual([]);
      expect(app.uploads.uploads.filter((name) => !name.startsWith(other.id))).toEqual([]);
      expect((await app.ask("jobsGet", { path: path(id) })).status).toBe(404);
      expect((await app.jobs.readProgress(id)).slots).toEqual([]);
      expect([app.images.blobs.size, app.uploads.uploads.length]).toEqual([4, 3]);
    },
  );

  it("a second time finds nothing", async () => {
    const app = anApp();
    const { id } = await withBlobs(app);
    await remove(app, id);
    expect((await remove(app, id)).status).toBe(404);
  });

  it.each(["queued", "running"] as const)("that is %s is refused, and touches nothing", async (status) => {
    const app = anApp();
    const { id } = await withBlobs(app, { status });
    const answer = await remove(app, id);
    expect([answer.status, answer.json]).toMatchObject([409, { error: { code: "conflict" } }]);
    expect([app.images.blobs.size, app.uploads.uploads.length, app.jobs.jobs.size]).toEqual([4, 3, 1]);
  });

  it("of another caller finds nothing, and touches nothing", async () => {
    const app = anApp();
    const { id } = await withBlobs(app, { caller: "key:tablet" });
    expect((await remove(app, id)).status).toBe(404);
    expect([app.images.blobs.size, app.jobs.jobs.size]).toEqual([4, 1]);
  });

  it.each(["job_x", "..", "%2e%2e"])("by an id such as %s finds nothing", async (id) => {
    expect((await remove(anApp(), id)).status).toBe(404);
  });

  it("that was cut off can be repeated: the row goes last", async () => {
    const app = anApp();
    const { id } = await withBlobs(app);
    app.rows.outage.of("remove");
    expect((await remove(app, id)).status).toBe(500);
    expect(app.images.blobs.size).toBe(0);
    app.rows.outage.end();
    expect((await remove(app, id)).status).toBe(204);
    expect(app.jobs.jobs.size).toBe(0);
  });
});

describe("what the task hub has of a deleted job", () => {
  it("is removed with it", async () => {
    const app = anApp();
    const { id } = await withBlobs(app);
    app.runner.states.set(id, "ended");
    expect((await remove(app, id)).status).toBe(204);
    expect(app.runner.purged).toEqual([id]);
  });

  it("and doesn't end in time keeps the mark of the deletion, for the one who goes on with it; the job is gone", async () => {
    const app = anApp();
    const { id } = await withBlobs(app);
    app.runner.states.set(id, "active");
    expect((await remove(app, id)).status).toBe(204);
    expect((await app.ask("jobsGet", { path: path(id) })).status).toBe(404);
    expect(await app.rows.readDeleted(id)).toMatchObject({ id });
    app.runner.states.set(id, "ended");
    expect((await remove(app, id)).status).toBe(204);
    expect(await app.rows.readDeleted(id)).toBeUndefined();
    expect(app.runner.purged).toEqual([id]);
  });
});

describe("an upload by ticket", () => {
  it("goes with its job, also where it was awaited", async () => {
    const app = anApp();
    const [used, awaited] = [app.ids.nextUpload(caller), app.ids.nextUpload(caller)];
    for (const name of [used, awaited]) app.uploads.drop(`uploads/${name}`, "x");
    const awaits = {
      images: [{ param: "uploads.0", container: "uploads" as const, blob: awaited }],
      until: "",
    };
    const { id } = await withBlobs(app, { inputs: { images: [input(used)] }, awaits });
    await remove(app, id);
    expect(app.uploads.uploads).toEqual([]);
  });

  it.each(["queued", "running"] as const)("stays while another job that is %s needs it", async (status) => {
    const app = anApp();
    const shared = app.ids.nextUpload(caller);
    app.uploads.drop(`uploads/${shared}`, "x");
    const inputs = { images: [input(shared)] };
    const { id } = await withBlobs(app, { inputs });
    await keep(app, { status, inputs });
    await remove(app, id);
    expect(app.uploads.uploads).toEqual([shared]);
  });

  it("of the inbox is left: it belongs to the one who dropped it", async () => {
    const app = anApp();
    app.uploads.drop("edit-inbox/a.png", "x");
    const awaits = {
      images: [{ param: "image", container: "edit-inbox" as const, blob: "a.png" }],
      until: "",
    };
    const { id } = await withBlobs(app, { awaits });
    await remove(app, id);
    expect([...app.uploads.blobs.keys()]).toEqual(["edit-inbox/a.png"]);
  });
});

import { describe, expect, it } from "vitest";
import { type App, anApp, keep } from "../../support/app.ts";
import { aPng } from "../../support/pictures.ts";
import { failedSlot, storedSlot } from "../../support/slots.ts";

async function withImage(app: App, hasThumbnails?: true) {
  const job = await keep(app, { status: "succeeded" }, [storedSlot(0, hasThumbnails), failedSlot(1)]);
  await app.images.put("blobs/0.png", aPng(), { contentType: "image/png" });
  return (rest: string, headers = {}) =>
    app.ask("jobImageGet", { path: `/api/jobs/${job.id}/images/${rest}`, headers });
}

describe("an image's address", () => {
  it("leads to a link that is new each time and kept by no cache", async () => {
    const get = await withImage(anApp());
    const [first, second] = [await get("0"), await get("0")];
    expect([first.status, first.headers.get("cache-control")]).toEqual([302, "no-store"]);
    expect(first.headers.get("location")).toMatch(/blobs\/0\.png\?sig=/);
    expect(second.headers.get("location")).not.toBe(first.headers.get("location"));
  });

  it.each(["7", "-1", "00", "0.0", "zero", "1e0", "x".repeat(300)])(
    "with index %.20s leads nowhere",
    async (index) => {
      const get = await withImage(anApp());
      const { status, json, text } = await get(index);
      expect([status, json]).toMatchObject([404, { error: { code: "notFound" } }]);
      expect(text.length).toBeLessThan(300);
    },
  );

  it("of a slot that failed is not found, and says why", async () => {
    const get = await withImage(anApp());
    expect(await get("1")).toMatchObject({
      status: 404,
      json: { error: { message: "There is no image 1: Why it failed." } },
    });
  });

  it("of a result that is no usable image leads to it as it came", async () => {
    const app = anApp();
    const file = { blob: "blobs/0.bin", contentType: "application/octet-stream", bytes: 3 };
    const job = await keep(app, { status: "failed" }, [failedSlot(0, "upstreamUnavailable", file)]);
    await app.images.put(file.blob, Buffer.from("???"), file);
    const get = async (rest: string) =>
      app.ask("jobImageGet", { path: `/api/jobs/${job.id}/images/0${rest}` });
    expect((await get("")).headers.get("location")).toMatch(/blobs\/0\.bin\?sig=/);
    const { headers, text } = await get("?download=1");
    expect([headers.get("content-type"), text]).toEqual([file.contentType, "???"]);
    expect(headers.get("content-disposition")).toMatch(/-0\.bin"$/);
    expect((await get("?thumbnail=256")).status).toBe(404);
  });

  it("of another caller's job is not found", async () => {
    const get = await withImage(anApp());
    expect((await get("0", { "x-caller": "key:other" })).status).toBe(404);
  });
});

describe("an image's bytes", () => {
  it("come from this very origin when asked for, as a file with a name", async () => {
    const get = await withImage(anApp());
    const { status, headers, text } = await get("0?download=1");
    expect([status, headers.get("content-type")]).toEqual([200, "image/png"]);
    expect(headers.get("content-disposition")).toMatch(/^attachment; filename="job_\w+-0\.png"$/);
    expect(text).toBe(Buffer.from(aPng()).toString());
  });

  it("of a thumbnail are a webp", async () => {
    const get = await withImage(anApp());
    const { status, headers } = await get("0?thumbnail=256&download=1");
    expect([status, headers.get("content-type")]).toEqual([200, "image/webp"]);
  });

  it("are for the job's owner alone", async () => {
    const get = await withImage(anApp());
    expect((await get("0?download=1", { "x-caller": "key:other" })).status).toBe(404);
    expect((await get("0?download=1", { "x-caller": "" })).status).toBe(401);
  });

  it.each(["", "0", "true"])("with download=%j are refused by name", async (value) => {
    const get = await withImage(anApp());
    const { status, json } = await get(`0?download=${value}`);
    expect([status, json]).toMatchObject([400, { error: { param: "download" } }]);
  });
});

describe("a thumbnail's address", () => {
  it("leads to the thumbnail", async () => {
    const app = anApp();
    const get = await withImage(app, true);
    app.diary.length = 0;
    expect((await get("0?thumbnail=256")).headers.get("location")).toMatch(/\/0\.256\.webp\?sig=/);
    expect(app.diary).toEqual(["read", "readProgress", "link"]);
  });

  it("has the thumbnails made first when there are none, once", async () => {
    const app = anApp();
    const get = await withImage(app);
    expect((await get("0?thumbnail=512")).headers.get("location")).toMatch(/\/0\.512\.webp\?sig=/);
    await get("0?thumbnail=256");
    expect(app.thumbnails.made).toEqual([256, 512]);
    expect([...app.images.blobs.keys()].filter((name) => name.endsWith(".webp"))).toHaveLength(2);
  });

  it.each(["", "128", "256px", "0256", "1024", "../1"])(
    "with size %j is refused with the sizes there are",
    async (size) => {
      const get = await withImage(anApp());
      const { status, json } = await get(`0?thumbnail=${size}`);
      expect([status, json]).toMatchObject([
        400,
        { error: { code: "invalidRequest", param: "thumbnail", allowed: [256, 512] } },
      ]);
    },
  );
});

import { describe, expect, it } from "vitest";
import { tagOfId } from "../../../src/domain/job-id.ts";
import { anApp, caller } from "../../support/app.ts";
import { aJpeg, aMask, aPhoto, onItsSide, small } from "../../support/edit-pictures.ts";
import { aForm, asJson, onlyJob, uploaded } from "../../support/edit-requests.ts";
import { sha256Of } from "../../support/edit-fakes.ts";
import { FakeClock } from "../../support/fakes.ts";

const [photo, jpeg, mask] = await Promise.all([aPhoto(), aJpeg(), aMask()]);
const fileFacts = (bytes: Uint8Array, contentType = "image/png") => ({
  contentType,
  ...small,
  bytes: bytes.byteLength,
  sha256: sha256Of(bytes),
});

describe("an edit as a form", () => {
  it("is recorded with its inputs in order, and started", async () => {
    const app = anApp();
    const sent = await aForm({ prompt: "a hat", image: [photo, jpeg], mask });
    const { status, json } = await app.ask("editsPost", sent);
    const job = onlyJob(app);
    expect([status, json]).toMatchObject([202, { id: job.id, kind: "edit", status: "queued" }]);
    expect(job.inputs).toEqual({
      images: [
        { blob: `${job.id}/image-0`, ...fileFacts(photo) },
        { blob: `${job.id}/image-1`, ...fileFacts(jpeg, "image/jpeg") },
      ],
      mask: { blob: `${job.id}/mask`, ...fileFacts(mask) },
    });
    expect(app.uploads.blobs.get(`uploads/${job.id}/image-1`)?.bytes).toEqual(jpeg);
    expect(app.runner.started).toEqual([job]);
    expect(app.diary.filter((done) => ["create", "start"].includes(done))).toEqual(["create", "start"]);
  });

  it("goes to the first model that edits, its size left to the service", async () => {
    const app = anApp();
    await app.ask("editsPost", await aForm({ prompt: "a hat", image: photo }));
    expect(onlyJob(app)).toMatchObject({
      caller,
      model: "gpt-image-1",
      deployment: "image",
      request: { prompt: "a hat", n: 1, size: "auto", quality: "high", output_format: "png" },
      createdAt: "2026-03-04T05:06:07.000Z",
      deadline: "2026-03-04T05:36:07.000Z",
    });
    expect(tagOfId("job", onlyJob(app).id)).toBe(app.ids.tagOf(caller));
    expect(onlyJob(app)).not.toHaveProperty("awaits");
  });

  it("has numbers, truths, lists and pairs as text", async () => {
    const app = anApp();
    const texts = {
      model: "gpt-image-1",
      prompt: "a hat",
      n: "3",
      size: "1024x1536",
      quality: "low",
      background: "opaque",
      output_format: "jpeg",
      output_compression: "70",
      input_fidelity: "high",
      user: "u-1",
      mask_invert: "true",
      mask_mode: "resize",
      tags: "a, b",
      metadata: `{"order":"7"}`,
    };
    const { status } = await app.ask("editsPost", await aForm({ ...texts, image: photo, mask }));
    expect([status, onlyJob(app)]).toMatchObject([
      202,
      {
        request: {
          prompt: "a hat",
          n: 3,
          size: "1024x1536",
          quality: "low",
          background: "opaque",
          output_format: "jpeg",
          output_compression: 70,
          input_fidelity: "high",
          user: "u-1",
          mask_invert: true,
          mask_mode: "resize",
        },
        tags: ["a", "b"],
        metadata: { order: "7" },
      },
    ]);
  });

  it("may have its tags as JSON, and leave fields empty", async () => {
    const app = anApp();
    const empty = { n: "", size: "", model: "", mask_invert: "", output_compression: "" };
    await app.ask("editsPost", await aForm({ prompt: "a hat", tags: `["a","b"]`, ...empty, image: photo }));
    expect(onlyJob(app)).toMatchObject({ tags: ["a", "b"], request: { n: 1, size: "auto" } });
  });

  it.each(["false", "true"])("with mask_invert %s records what differs from the usual", async (text) => {
    const app = anApp();
    const sent = await aForm({ prompt: "a hat", mask_invert: text, mask_mode: "strict", image: photo, mask });
    await app.ask("editsPost", sent);
    expect(onlyJob(app).request.mask_invert).toBe(text === "true" ? true : undefined);
    expect(onlyJob(app).request).not.toHaveProperty("mask_mode");
  });

  it.each(["image", "image[]", "image[0]"])("may call its part %s", async (name) => {
    const app = anApp();
    expect((await app.ask("editsPost", await aForm({ prompt: "a hat", [name]: photo }))).status).toBe(202);
    expect(onlyJob(app).inputs?.images).toHaveLength(1);
  });

  it("may have sixteen images", async () => {
    const app = anApp();
    const image = Array.from({ length: 16 }, () => photo);
    expect((await app.ask("editsPost", await aForm({ prompt: "a hat", image }))).status).toBe(202);
    expect(onlyJob(app).inputs?.images.map(({ blob }) => blob.split("/")[1])).toEqual(
      image.map((_, index) => `image-${index}`),
    );
  });

  it("shows its inputs by what they are, never where they stand", async () => {
    const app = anApp();
    const sent = await aForm({ prompt: "a hat", image: photo, mask });
    const { json, text } = await app.ask("editsPost", sent);
    const shown = (bytes: Uint8Array) => ({
      content_type: "image/png",
      ...small,
      bytes: bytes.byteLength,
      sha256: sha256Of(bytes),
    });
    expect(json).toMatchObject({ request: { images: [shown(photo)], mask: shown(mask) } });
    expect(text).not.toMatch(/image-0|uploads|"blob"|"inputs"/);
  });

  it("is answered with its end to a caller who waits", async () => {
    const app = anApp({ clock: new FakeClock("2026-03-04T05:06:07.000Z", 499) });
    app.runner.start = async (job) => {
      await app.jobs.advance(job.id, "running", {});
      await app.jobs.advance(job.id, "failed", {});
    };
    const sent = await aForm({ prompt: "a hat", image: photo });
    const { status } = await app.ask("editsPost", {
      ...sent,
      headers: { ...sent.headers, prefer: "wait=1" },
    });
    expect(status).toBe(200);
  });

  it("keeps its inputs when it can't be started now", async () => {
    const app = anApp();
    app.runner.outage.of("start");
    const { status } = await app.ask("editsPost", await aForm({ prompt: "a hat", image: photo }));
    expect([status, app.uploads.uploads]).toEqual([202, [`${onlyJob(app).id}/image-0`]]);
  });
});

describe("an edit as JSON", () => {
  it("takes uploads where they stand, fetches addresses and decodes base64, in order", async () => {
    const app = anApp();
    const address = "https://pictures.example/cat.jpg";
    app.fetcher.pictures.set(address, jpeg);
    const first = uploaded(app, photo);
    const maskUpload = uploaded(app, mask);
    const images = [first, { url: address }, { b64_json: photo.toString("base64") }];
    const { status } = await app.ask("editsPost", asJson({ prompt: "a hat", images, mask: maskUpload }));
    const job = onlyJob(app);
    expect([status, job.inputs]).toEqual([
      202,
      {
        images: [
          { blob: first.upload_id, ...fileFacts(photo) },
          { blob: `${job.id}/image-1`, ...fileFacts(jpeg, "image/jpeg") },
          { blob: `${job.id}/image-2`, ...fileFacts(photo) },
        ],
        mask: { blob: maskUpload.upload_id, ...fileFacts(mask) },
      },
    ]);
    expect(app.uploads.uploads.sort()).toEqual(
      [first.upload_id, maskUpload.upload_id, `${job.id}/image-1`, `${job.id}/image-2`].sort(),
    );
    expect(job.request).toMatchObject({ n: 1, size: "auto" });
  });

  it("decodes base64 of any length, in pieces, byte for byte", async () => {
    const app = anApp();
    const large = await aPhoto({ width: 4_000, height: 3_000 });
    const b64_json = large.toString("base64");
    expect(b64_json.length).toBeGreaterThan(65_536);
    await app.ask("editsPost", asJson({ prompt: "a hat", images: [{ b64_json }] }));
    expect(app.uploads.blobs.get(`uploads/${onlyJob(app).id}/image-0`)?.bytes.equals(large)).toBe(true);
  });

  it("uses an upload for as many edits as it is named in", async () => {
    const app = anApp();
    const images = [uploaded(app, photo)];
    for (let time = 0; time < 2; time += 1) {
      expect((await app.ask("editsPost", asJson({ prompt: "a hat", images }))).status).toBe(202);
    }
  });

  it("records tags, metadata and the mask's rules", async () => {
    const app = anApp();
    const imageParams = {
      prompt: "a hat",
      tags: ["a"],
      metadata: { b: "c" },
      mask_invert: true,
      mask_mode: "resize",
    };
    const sources = {
      images: [uploaded(app, photo)],
      mask: uploaded(app, await aMask(undefined, onItsSide)),
    };
    await app.ask("editsPost", asJson({ ...imageParams, ...sources }));
    expect(onlyJob(app)).toMatchObject({
      tags: ["a"],
      metadata: { b: "c" },
      request: { mask_invert: true, mask_mode: "resize" },
    });
  });
});

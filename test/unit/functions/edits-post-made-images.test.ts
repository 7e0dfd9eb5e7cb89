import { describe, expect, it } from "vitest";
import { receivePart } from "../../../src/edits/receive-part.ts";
import type { JobRecord } from "../../../src/ports/records.ts";
import { anApp, type App, caller, keep } from "../../support/app.ts";
import { sha256Of } from "../../support/edit-fakes.ts";
import { aMask, aPhoto, small } from "../../support/edit-pictures.ts";
import { aForm, asJson, refusalOf } from "../../support/edit-requests.ts";
import { failedSlot, storedSlot } from "../../support/slots.ts";

const [photo, mask, other] = await Promise.all([aPhoto(), aMask(), aPhoto({ width: 8, height: 8 })]);

/** A job that has made a photo, a mask, and, third, nothing. */
async function made(app: App, change: Partial<JobRecord> = {}): Promise<JobRecord> {
  const slots = [storedSlot(0), storedSlot(1), failedSlot(2)];
  const job = await keep(app, change);
  const named = slots.map((slot) =>
    slot.state === "stored" ? { ...slot, blob: `${job.id}/${slot.index}.png` } : slot,
  );
  app.jobs.arrange(job.id, { call: 0, inDoubt: [], duplicates: [] }, named);
  app.images.blobs.set(`${job.id}/0.png`, { bytes: photo, facts: { contentType: "image/png" } });
  app.images.blobs.set(`${job.id}/1.png`, { bytes: mask, facts: { contentType: "image/png" } });
  return job;
}

const editOf = (app: App, { id }: Pick<JobRecord, "id">) => {
  const [edit, ...more] = [...app.jobs.jobs.values()].filter((job) => job.id !== id);
  if (!edit || more.length > 0) throw new Error("There is not one edit.");
  return edit;
};
async function* inBytes(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (const byte of bytes) yield await Promise.resolve(Uint8Array.of(byte));
}
const fileFacts = (bytes: Uint8Array) => ({
  contentType: "image/png",
  ...small,
  bytes: bytes.byteLength,
  sha256: sha256Of(bytes),
});

describe("an edit of what a job has made", () => {
  it("as JSON has its images and mask by job and index, copied byte for byte", async () => {
    const app = anApp();
    const job = await made(app);
    const images = [{ job_id: job.id }, { job_id: job.id, index: 1 }];
    const sent = asJson({ prompt: "a hat", images, mask: { job_id: job.id, index: 1 } });
    expect((await app.ask("editsPost", sent)).status).toBe(202);
    const edit = editOf(app, job);
    expect(edit.inputs).toEqual({
      images: [
        { blob: `${edit.id}/image-0`, ...fileFacts(photo) },
        { blob: `${edit.id}/image-1`, ...fileFacts(mask) },
      ],
      mask: { blob: `${edit.id}/mask`, ...fileFacts(mask) },
    });
    expect(app.uploads.blobs.get(`uploads/${edit.id}/mask`)?.bytes).toEqual(mask);
  });

  it("as a form has them in a file's place, in order among files", async () => {
    const app = anApp();
    const job = await made(app);
    const form = await aForm({
      prompt: "a hat",
      image: [other, JSON.stringify({ job_id: job.id, index: 0 })],
      mask: `{"job_id":"${job.id}"}`,
      mask_mode: "resize",
    });
    // The photo has no alpha, so that the mask is read at all is told by the refusal.
    expect((await app.ask("editsPost", form)).json).toMatchObject({ error: { param: "mask" } });
    const fitting = await aForm({
      prompt: "a hat",
      image: [other, JSON.stringify({ job_id: job.id, index: 0 })],
    });
    expect((await app.ask("editsPost", fitting)).status).toBe(202);
    const { inputs } = editOf(app, job);
    expect(inputs?.images.map(({ sha256 }) => sha256)).toEqual([other, photo].map(sha256Of));
  });

  it("as a form is read in whatever pieces it arrives", async () => {
    const app = anApp();
    const job = await made(app);
    const text = Buffer.from(JSON.stringify({ job_id: job.id, index: 0 }));
    const arrival = { param: "image", role: "image", blob: "edit/image-0" } as const;
    const received = await receivePart(app, caller, arrival, inBytes(text));
    expect(received).toMatchObject({ param: "image", sha256: sha256Of(photo) });
    const file = await receivePart(app, caller, { ...arrival, blob: "edit/image-1" }, inBytes(other));
    expect(file.sha256).toBe(sha256Of(other));
  });
});

describe("an edit asked for once more", () => {
  it("has the images and the mask that the first one began with", async () => {
    const app = anApp();
    const stored = { contentType: "image/png", ...small, bytes: 3, sha256: "00" };
    const id = app.ids.next(caller);
    const inputs = {
      images: [{ ...stored, blob: `${id}/image-0-clean` }],
      mask: { ...stored, blob: `${id}/mask` },
    };
    await keep(app, { id, kind: "edit", inputs });
    await app.uploads.write(`${id}/image-0-clean`, inBytes(photo));
    await app.uploads.write(`${id}/mask`, inBytes(mask));
    const images = [{ job_id: id, input: 0 }];
    const again = asJson({ prompt: "a hat", images, mask: { job_id: id, input: "mask" } });
    expect((await app.ask("editsPost", again)).status).toBe(202);
    expect(editOf(app, { id }).inputs).toMatchObject({
      images: [{ sha256: sha256Of(photo) }],
      mask: { sha256: sha256Of(mask) },
    });
  });
});

describe("an image that a job is said to have made is refused by its name", () => {
  const unknown = /names no image of yours that is still here/;
  const cases: [string, (app: App) => Promise<object>, RegExp][] = [
    [
      "of another caller",
      async (app) => ({ job_id: (await made(app, { caller: "key:other" })).id }),
      unknown,
    ],
    [
      "of another subject",
      async (app) => ({ job_id: (await made(app, { caller: `${caller}/ann` })).id }),
      unknown,
    ],
    ["of no job", async () => ({ job_id: "job_x" }), unknown],
    ["that failed", async (app) => ({ job_id: (await made(app)).id, index: 2 }), unknown],
    ["that isn't there", async (app) => ({ job_id: (await made(app)).id, index: 5 }), unknown],
    ["that it never began with", async (app) => ({ job_id: (await made(app)).id, input: 0 }), unknown],
    [
      "that it began with, and that is gone",
      async (app) => {
        const id = app.ids.next(caller);
        const stored = { contentType: "image/png", ...small, bytes: 3, sha256: "00" };
        await keep(app, { id, kind: "edit", inputs: { images: [{ ...stored, blob: `${id}/image-0` }] } });
        return { job_id: id, input: 0 };
      },
      unknown,
    ],
    [
      "whose file is gone",
      async (app) => {
        const { id } = await made(app);
        app.images.blobs.delete(`${id}/0.png`);
        return { job_id: id };
      },
      unknown,
    ],
  ];
  it.each(cases)("when it is one %s", async (_, source, about) => {
    const app = anApp();
    const named = await source(app);
    const jobs = app.jobs.jobs.size;
    const ways = [
      ["images.0.job_id", asJson({ prompt: "a hat", images: [named] })],
      ["image", await aForm({ prompt: "a hat", image: JSON.stringify(named) })],
    ] as const;
    for (const [param, sent] of ways) {
      const refusal = refusalOf(app, await app.ask("editsPost", sent));
      expect(refusal).toMatchObject({ status: 400, code: "invalidRequest", param });
      expect(refusal.message).toMatch(about);
    }
    expect([app.jobs.jobs.size, app.uploads.uploads, app.runner.started]).toEqual([jobs, [], []]);
  });

  it.each([
    [{ job_id: "job_x", index: 10 }, "index"],
    [{ job_id: "job_x", index: "0" }, "index"],
    [{ job_id: "job_x", page: 1 }, "page"],
    [{ job_id: 7 }, "job_id"],
    [{ job_id: "job_x", input: 16 }, "input"],
    [{ job_id: "job_x", index: 0, input: 0 }, "input"],
  ])("when %j has a wrong field", async (source, field) => {
    const ways = [
      [`images.0.${field}`, asJson({ prompt: "a hat", images: [source] })],
      [`image.${field}`, await aForm({ prompt: "a hat", image: JSON.stringify(source) })],
    ] as const;
    for (const [param, sent] of ways) {
      const app = anApp();
      expect(refusalOf(app, await app.ask("editsPost", sent))).toMatchObject({
        status: 400,
        param,
        spent: [],
      });
    }
  });

  it("when only its index is given", async () => {
    const app = anApp();
    const images = [{ url: "https://a.example/", index: 1 }];
    const refusal = refusalOf(app, await app.ask("editsPost", asJson({ prompt: "a hat", images })));
    expect(refusal).toMatchObject({ status: 400, param: "images.0.index" });
  });

  it.each(['{"error":"not found"}', '{"job_id":'])(
    "and other text in a file's place is JSON, and no image: %.20s",
    async (text) => {
      const app = anApp();
      const refusal = refusalOf(
        app,
        await app.ask("editsPost", await aForm({ prompt: "a hat", image: text })),
      );
      expect(refusal).toMatchObject({ status: 415, param: "image", spent: [] });
      expect(refusal.message).toContain("is JSON");
    },
  );
});

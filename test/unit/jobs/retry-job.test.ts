import { describe, expect, it } from "vitest";
import { errorInfo } from "../../../src/domain/app-error.ts";
import { anApp, type App, keep } from "../../support/app.ts";

const failure = errorInfo("upstreamUnavailable", "The service was away.");
const failed = (app: App, change: object = {}) =>
  keep(app, {
    id: app.ids.next("key:phone"),
    caller: "key:phone",
    status: "failed",
    deployment: "dalle3",
    model: "dall-e-3",
    failure,
    ...change,
  });
const retry = (app: App, id: string, headers = {}) =>
  app.ask("jobRetryPost", { path: `/api/jobs/${id}/retry`, headers });

describe("a retry", () => {
  it("is another job for the same, and the same other job when it is asked for again", async () => {
    const app = anApp();
    const job = await failed(app, { tags: ["demo"] });
    const first = await retry(app, job.id);
    expect([first.status, first.json]).toMatchObject([202, { request: { prompt: job.request.prompt } }]);
    const { id } = first.json as { id: string };
    expect(id).not.toBe(job.id);
    expect(app.jobs.jobs.get(id)).toMatchObject({
      caller: "key:phone",
      tags: ["demo"],
      deployment: "dalle3",
    });
    const again = await retry(app, job.id);
    expect([again.headers.get("idempotency-replayed"), again.json]).toMatchObject(["true", { id }]);
    expect(app.jobs.jobs.size).toBe(2);
  });

  it("of an edit has inputs of its own, and is refused once those of the first are gone", async () => {
    const app = anApp();
    const input = { contentType: "image/png", width: 8, height: 8, bytes: 3, sha256: "00" };
    const id = app.ids.next("key:phone");
    const inputs = { images: [{ ...input, blob: `${id}/image-0-clean` }] };
    const job = await failed(app, { id, kind: "edit", inputs, deployment: "image", model: "gpt-image-1" });
    expect((await retry(app, job.id)).status).toBe(410);
    await app.uploads.write(`${id}/image-0-clean`, new Blob(["abc"]).stream());
    const made = (await retry(app, job.id)).json as { id: string };
    expect(app.jobs.jobs.get(made.id)?.inputs?.images).toEqual([
      { ...input, blob: `${made.id}/image-0-clean` },
    ]);
    expect(app.uploads.blobs.has(`uploads/${made.id}/image-0-clean`)).toBe(true);
  });

  it.each([
    ["goes on", { status: "running", failure: undefined }],
    ["succeeded", { status: "succeeded", failure: undefined }],
    ["content policy refused", { failure: errorInfo("contentFilter", "Refused.") }],
    ["had no inputs", { kind: "edit" }],
    ["ran where nothing is any more", { deployment: "gone" }],
  ])("of a job that %s is a conflict, and makes none", async (_, change) => {
    const app = anApp();
    const job = await failed(app, change);
    expect(await retry(app, job.id)).toMatchObject({ status: 409, json: { error: { code: "conflict" } } });
    expect(app.jobs.jobs.size).toBe(1);
  });

  it("is its caller's own", async () => {
    const app = anApp();
    const job = await failed(app);
    expect((await retry(app, job.id, { "x-caller": "key:web" })).status).toBe(404);
  });
});

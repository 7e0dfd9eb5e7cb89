import { describe, expect, it } from "vitest";
import type { Job } from "../../../src/contracts/http-api.ts";
import { anApp, keep } from "../../support/app.ts";
import { origin } from "../../support/http.ts";
import { aJob } from "../../support/jobs.ts";
import { failedSlot, storedSlot } from "../../support/slots.ts";

describe("a job that is shown", () => {
  it("has its images in order with fresh links, and its failures with their reasons", async () => {
    const app = anApp();
    const job = await keep(
      app,
      { status: "succeeded", request: { prompt: "a cat", n: 3, size: "1024x1024" } },
      [storedSlot(2, true), failedSlot(1), storedSlot(0)],
    );
    const { status, json } = await app.ask("jobsGet", { path: `/api/jobs/${job.id}` });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      id: job.id,
      status: "succeeded",
      progress: 1,
      images: [
        {
          index: 0,
          url: expect.stringMatching(/blobs\/0\.png\?sig=/) as string,
          url_expires_at: "2026-03-04T06:06:07.000Z",
          content_url: `${origin}/api/jobs/${job.id}/images/0`,
          content_type: "image/png",
          width: 1024,
          height: 768,
          bytes: 34,
          sha256: "ab".repeat(32),
          revised_prompt: "a fine cat",
        },
        { index: 2, thumbnail_url: expect.stringContaining(`${job.id}/2.512.webp`) as string },
      ],
      failures: [{ index: 1, code: "contentFilter", message: "Why it failed.", retryable: false }],
      links: { self: `${origin}/api/jobs/${job.id}` },
    });
  });

  it("has the newest partial image of each image that isn't there yet, while it runs", async () => {
    const app = anApp();
    const { id } = await keep(app, { status: "running" });
    const partial = (index: number, step: number) => {
      const blob = `${id}/partial/${index}-${step}.png`;
      return app.jobs.append(id, { type: "image.partial", index, step, blob, contentType: "image/png" });
    };
    for (const [index, step] of [
      [0, 0],
      [1, 0],
      [0, 1],
    ] as const)
      await partial(index, step);
    const shown = async () => (await app.ask("jobsGet", { path: `/api/jobs/${id}` })).json as Job;
    expect((await shown()).partials).toMatchObject([
      { index: 0, partial_index: 1, url: expect.stringContaining("/partial/0-1.png?sig=") as string },
      { index: 1, partial_index: 0 },
    ]);
    await app.jobs.settleSlots(id, [storedSlot(0)]);
    expect((await shown()).partials).toMatchObject([{ index: 1 }]);
    await app.jobs.end(id, async () => ({
      end: { status: "succeeded", finishedAt: "2026-03-04T05:06:09.000Z" },
      slots: [],
    }));
    expect(await shown()).not.toHaveProperty("partials");
  });

  it("has links that are asked for at reading time, and kept nowhere", async () => {
    const app = anApp();
    const { id } = await keep(app, {}, [storedSlot(0)]);
    const [first, second] = [
      await app.ask("jobsGet", { path: `/api/jobs/${id}` }),
      await app.ask("jobsGet", { path: `/api/jobs/${id}` }),
    ];
    expect(first.text).not.toBe(second.text);
  });

  it("tells how far it is by its settled slots", async () => {
    const app = anApp();
    const request = { prompt: "a cat", n: 3, size: "1024x1024" };
    const { id } = await keep(app, { status: "running", request }, [storedSlot(0), failedSlot(1)]);
    expect((await app.ask("jobsGet", { path: `/api/jobs/${id}` })).json).toMatchObject({ progress: 0.67 });
  });

  it("omits what isn't known, and null stands nowhere", async () => {
    const app = anApp();
    const { id } = await keep(app, {});
    const { json, text } = await app.ask("jobsGet", { path: `/api/jobs/${id}` });
    expect(text).not.toContain("null");
    for (const absent of [
      "started_at",
      "finished_at",
      "tags",
      "metadata",
      "error",
      "usage",
      "repeated_calls",
    ])
      expect(json).not.toHaveProperty(absent);
  });

  it("keeps to itself who its caller is and when it would be given up", async () => {
    const app = anApp();
    const { id } = await keep(app, {});
    expect((await app.ask("jobsGet", { path: `/api/jobs/${id}` })).text).not.toMatch(
      /key:phone|deadline|2099/,
    );
  });
});

describe("a job that isn't the caller's to see", () => {
  it.each(["job_nonsense", "..%2F..%2Fsecrets", "x".repeat(5_000), "%F0%9F%98%80", "' or 1 eq 1", aJob().id])(
    "is not found under %.40s",
    async (id) => {
      const { status, json } = await anApp().ask("jobsGet", { path: `/api/jobs/${id}` });
      expect([status, json]).toMatchObject([404, { error: { code: "notFound" } }]);
    },
  );

  it("is not found when it is another caller's, and is not even looked for", async () => {
    const app = anApp();
    const { id } = await keep(app, {});
    app.diary.length = 0;
    const headers = { "x-caller": "key:other" };
    const { status, json } = await app.ask("jobsGet", { path: `/api/jobs/${id}`, headers });
    expect([status, json]).toMatchObject([404, { error: { message: "There is no such job." } }]);
    expect(app.diary).toEqual([]);
  });

  it("is not found when only its tag is the caller's: two callers may share a tag, never a job", async () => {
    const app = anApp();
    const { id } = await keep(app, {});
    const stored = app.jobs.jobs.get(id);
    if (stored) stored.caller = "key:same-tag";
    expect((await app.ask("jobsGet", { path: `/api/jobs/${id}` })).status).toBe(404);
  });
});

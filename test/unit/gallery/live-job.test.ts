import { describe, expect, it } from "vitest";
import type { Job, JobFailure, JobImage, JobNews } from "../../../gallery/api/types.ts";
import { fresh, type LiveJob, withNews, withSnapshot } from "../../../gallery/model/live-job.ts";
import { shapeOf, slotsOf } from "../../../gallery/model/slots.ts";
import { aPageJob, aPageImage } from "../../support/page-jobs.ts";

const failure = (index: number, code: JobFailure["code"] = "contentFilter"): JobFailure => ({
  index,
  code,
  message: "Why.",
  retryable: false,
});
const partial = (index: number, step: number): JobNews => ({
  type: "image.partial",
  index,
  partial_index: step,
  url: `https://pictures.example/${index}-${step}`,
});
const succeeded = (image: JobImage): JobNews => ({ type: "image.succeeded", index: image.index, image });
const after = (job: Job, ...news: JobNews[]): LiveJob => news.reduce(withNews, fresh(job));
const states = (live: LiveJob) => slotsOf(live).map(({ state }) => state);

describe("a job told by events", () => {
  const job = aPageJob({ status: "queued", request: { prompt: "a cat", n: 3 } });

  it("develops, settles slot by slot, and ends as the last event has it", () => {
    let live = after(job, { type: "job.queued" }, { type: "job.running" }, partial(1, 0));
    expect([live.job.status, states(live)]).toEqual(["running", ["waiting", "developing", "waiting"]]);
    live = [
      partial(1, 1),
      succeeded(aPageImage(1)),
      { type: "image.refused", index: 0, failure: failure(0) } as const,
    ].reduce(withNews, live);
    expect([live.job.progress.toFixed(2), states(live)]).toEqual(["0.67", ["refused", "made", "waiting"]]);
    const end = { ...live.job, status: "succeeded" as const, progress: 1 };
    live = withNews(live, { type: "job.succeeded", job: end });
    expect([live.job, states(live)]).toEqual([end, ["refused", "made", "none"]]);
  });

  it("shows only ever finer partial images, and none of a slot that has ended", () => {
    const live = after(job, partial(0, 1), partial(0, 0));
    expect(live.partials[0]?.step).toBe(1);
    expect(after(job, succeeded(aPageImage(0)), partial(0, 2)).partials).toEqual({});
  });

  it("is the same when events are told twice, in whole or after its end", () => {
    const news = [
      { type: "job.running" } as const,
      partial(0, 0),
      succeeded(aPageImage(0)),
      succeeded(aPageImage(2)),
    ];
    expect(after(job, ...news, ...news)).toEqual(after(job, ...news));
    const ended = fresh({ ...job, status: "canceled" });
    expect(news.reduce(withNews, ended)).toBe(ended);
  });

  it("keeps a failure that is no refusal apart from one", () => {
    const failed = after(job, { type: "image.failed", index: 0, failure: failure(0, "upstreamUnavailable") });
    expect(states(failed)[0]).toBe("failed");
  });
});

describe("a job read whole", () => {
  const now = Date.parse("2026-03-04T05:06:07Z");
  const job = aPageJob({ status: "running", images: [aPageImage(0)] });

  it("doesn't change links that still hold: the image would be loaded again", () => {
    const read = { ...job, images: [{ ...aPageImage(0), url: "https://pictures.example/new" }] };
    expect(withSnapshot(fresh(job), read, now).job.images[0]?.url).toBe(job.images[0]?.url);
    const late = Date.parse(job.images[0]?.url_expires_at ?? "");
    expect(withSnapshot(fresh(job), read, late).job.images[0]?.url).toBe("https://pictures.example/new");
  });

  it("takes a thumbnail that has been made meanwhile", () => {
    const read = { ...job, images: [{ ...aPageImage(0), thumbnail_url: "https://pictures.example/small" }] };
    expect(withSnapshot(fresh(job), read, now).job.images[0]?.thumbnail_url).toMatch(/small$/);
  });

  it("never goes back from an end", () => {
    const ended = fresh({ ...job, status: "succeeded" });
    expect(withSnapshot(ended, job, now)).toBe(ended);
  });

  it("keeps partial images until their slots end", () => {
    const live = { job, partials: { 1: { step: 0, url: "x" } } };
    expect(withSnapshot(live, job, now).partials).toHaveProperty("1");
    expect(withSnapshot(live, { ...job, status: "succeeded" }, now).partials).toEqual({});
  });
});

describe("frames on film", () => {
  it.each([
    ["1024x1024", 1],
    ["1792x1024", 1.75],
    ["auto", 1],
    [undefined, 1],
  ])("of %s have the shape %d", (size, shape) =>
    expect(shapeOf({ request: { size }, images: [] })).toBe(shape),
  );

  it("have the shape of what was made, whatever was asked", () =>
    expect(
      shapeOf({ request: { size: "auto" }, images: [{ ...aPageImage(0), width: 300, height: 200 }] }),
    ).toBe(1.5));
});

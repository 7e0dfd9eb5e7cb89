import { describe, expect, it } from "vitest";
import { withEvent } from "../../src/job-update.ts";
import type { Failure, Image, Job, JobEvent, Waiting } from "../../src/types.ts";

const job = { id: "job_1", status: "queued", progress: 0, request: { n: 2 }, images: [], failures: [] };
const start = { job: job as unknown as Job, partials: [] };
const at = "2026-11-30T12:00:00.000Z";
const event = (type: JobEvent["type"], fields: Partial<JobEvent> = {}): JobEvent => ({
  type,
  job_id: "job_1",
  created_at: at,
  ...fields,
});
const waiting: Waiting = { reason: "quota", since: at, until: at, position: 3 };
const partial = (index: number, partial_index: number) =>
  event("image.partial", { index, partial_index, url: `https://x/${index}/${partial_index}` });
const made = (index: number) => event("image.succeeded", { index, image: { index } as Image });
const after = (...events: JobEvent[]) => events.reduce(withEvent, start);

describe("an update after an event", () => {
  it("says what the job waits for, until something comes of it", () => {
    expect(after(event("job.running"), event("job.waiting", { waiting })).job).toMatchObject({
      status: "running",
      waiting,
    });
    expect(after(event("job.waiting", { waiting }), partial(0, 0)).job.waiting).toBeUndefined();
  });

  it("has the latest partial picture of each image that isn't there yet", () => {
    const { partials, job: known } = after(partial(1, 0), partial(0, 0), partial(0, 1), made(1));
    expect(partials).toEqual([{ index: 0, partial_index: 1, url: "https://x/0/1" }]);
    expect(known.progress).toBe(0.5);
  });

  it("counts failures as progress, and what is known already once", () => {
    const failed = event("image.failed", { index: 0, failure: { index: 0 } as Failure });
    const { job: known, partials } = after(made(1), failed, made(1), failed, partial(1, 0));
    expect([known.images.length, known.failures.length, known.progress, partials]).toEqual([1, 1, 1, []]);
  });

  it("is the whole job at the end", () => {
    const ended = { ...start.job, status: "canceled" as const };
    expect(after(partial(0, 0), event("job.canceled", { job: ended }))).toEqual({ job: ended, partials: [] });
  });
});

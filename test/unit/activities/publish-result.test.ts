import { describe, expect, it } from "vitest";
import { publishResultWith } from "../../../src/activities/publish-result.ts";
import { errorInfo } from "../../../src/domain/app-error.ts";
import type { JobRecord, SlotRecord } from "../../../src/ports/records.ts";
import { MemoryResultStore } from "../../support/edit-fakes.ts";
import { MemoryJobStore } from "../../support/fakes.ts";
import { aJob } from "../../support/jobs.ts";
import { failedSlot, storedSlot } from "../../support/slots.ts";

const inbox = { blob: "in/cat.v2.png", modifiedAt: "2026-03-04T05:06:00.000Z" };
const input = {
  blob: "job_x/image-0",
  contentType: "image/png",
  width: 24,
  height: 16,
  bytes: 110,
  sha256: "ab",
};

async function published(change: Partial<JobRecord>, slots: SlotRecord[] = []) {
  const jobs = new MemoryJobStore();
  const results = new MemoryResultStore();
  const job = aJob({ kind: "edit", ...change });
  await jobs.create(job);
  jobs.arrange(job.id, { call: 0, inDoubt: [], duplicates: [] }, slots);
  const emitted = await publishResultWith({ jobs, results })({ jobId: job.id });
  return { job, emitted, results: [...results.results] };
}

describe("a published result", () => {
  it("is the job under its file's name, with the blob of each image and no link that dies", async () => {
    const { job, emitted, results } = await published(
      { status: "succeeded", inbox, inputs: { images: [input] }, finishedAt: "2026-03-04T05:07:00.000Z" },
      [failedSlot(1), storedSlot(2), storedSlot(0, true)],
    );
    expect(emitted).toEqual({ published: true });
    expect(results).toEqual([
      [
        "in/cat.v2.json",
        {
          version: new Date(inbox.modifiedAt),
          result: {
            id: job.id,
            kind: "edit",
            status: "succeeded",
            model: "dall-e-3",
            deployment: "dalle3",
            created_at: job.createdAt,
            finished_at: "2026-03-04T05:07:00.000Z",
            progress: 1,
            request: {
              ...job.request,
              images: [{ content_type: "image/png", width: 24, height: 16, bytes: 110, sha256: "ab" }],
            },
            failures: [{ index: 1, code: "contentFilter", message: "Why it failed.", retryable: false }],
            images: [0, 2].map((index) => ({
              index,
              content_url: `/api/jobs/${job.id}/images/${index}`,
              content_type: "image/png",
              width: 1024,
              height: 768,
              bytes: 34,
              sha256: "ab".repeat(32),
              revised_prompt: "a fine cat",
              blob: `images/blobs/${index}.png`,
            })),
            source: "edit-inbox/in/cat.v2.png",
          },
        },
      ],
    ]);
    expect(JSON.stringify(results)).not.toMatch(/https?:|sig=|signature/);
  });

  it.each(["failed", "canceled"] as const)("tells of a job that %s, too", async (status) => {
    const failure = errorInfo("expired", "image did not arrive in time.");
    const { results } = await published({ status, inbox, failure, model: "", deployment: "" });
    const [[, { result }] = ["", { result: {} }]] = results;
    expect(result).toMatchObject({ status, error: failure, images: [] });
    expect(result).not.toHaveProperty("model");
    expect(result).not.toHaveProperty("deployment");
  });
});

it("of two versions in one second, the one that was accepted later stands, whichever ended last", async () => {
  const jobs = new MemoryJobStore();
  const results = new MemoryResultStore();
  const accepted = ["2026-03-04T05:06:00.200Z", "2026-03-04T05:06:00.900Z"];
  const [older, newer] = accepted.map((createdAt) => aJob({ status: "succeeded", inbox, createdAt }));
  for (const job of [newer, older]) {
    await jobs.create(job ?? aJob());
    await publishResultWith({ jobs, results })({ jobId: job?.id ?? "" });
  }
  expect([...results.results.values()]).toMatchObject([{ result: { id: newer?.id } }]);
});

it.each([
  ["long after it was written", "2026-03-04T05:08:00.000Z", "2026-03-04T05:06:00.999Z"],
  ["by a clock that lags", "2026-03-04T05:05:59.000Z", "2026-03-04T05:06:00.000Z"],
])("a version accepted %s is still of its own second", async (_, createdAt, version) => {
  const { results } = await published({ status: "succeeded", inbox, createdAt });
  expect(results).toMatchObject([["in/cat.v2.json", { version: new Date(version) }]]);
});

describe("nothing is published of a job", () => {
  it.each(["queued", "running"] as const)("that is %s", async (status) => {
    expect(await published({ status, inbox })).toMatchObject({ emitted: { published: false }, results: [] });
  });

  it("that didn't come by the inbox", async () => {
    expect(await published({ status: "succeeded" })).toMatchObject({
      emitted: { published: false },
      results: [],
    });
  });

  it("that isn't there", async () => {
    const deps = { jobs: new MemoryJobStore(), results: new MemoryResultStore() };
    expect(await publishResultWith(deps)({ jobId: aJob().id })).toEqual({ published: false });
  });
});

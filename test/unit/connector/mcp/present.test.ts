import { expect, it } from "vitest";
import { presentForAgent } from "../../../../src/connector/mcp/present.ts";
import type { JobWaits } from "../../../../src/jobs/job-waits.ts";
import { FakeClock, FakeThumbnailMaker, MemoryImageStore } from "../../../support/fakes.ts";
import { aJob } from "../../../support/jobs.ts";

it("tells an agent what a job waits for, when it will probably end, and what it may cost", async () => {
  const since = "2026-01-01T00:00:00.000Z";
  const waiting = { reason: "quota" as const, since, until: "2026-01-01T00:00:30.000Z", position: 3 };
  const waits: JobWaits = { of: async () => ({ waiting, endsAt: Date.parse("2026-01-01T00:01:00.000Z") }) };
  const deps = { images: new MemoryImageStore([], new FakeClock()), thumbnails: new FakeThumbnailMaker() };
  const job = aJob({ status: "queued", price: { currency: "USD", perImage: 40_000 } });
  const { content } = await presentForAgent({ ...deps, waits }, job, { slots: [], calls: [] });
  const [text] = content;
  expect(JSON.parse(text?.type === "text" ? text.text : "")).toMatchObject({
    status: "queued",
    waiting,
    estimated_end: "2026-01-01T00:01:00.000Z",
    cost: { currency: "USD", estimated: expect.any(Number) as number },
  });
});

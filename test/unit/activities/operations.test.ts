import { failedSlots } from "../../../src/activities/store-image.ts";
import { describe, expect, it } from "vitest";
import { collectOperationWith } from "../../../src/activities/collect-operation.ts";
import { finishJobWith } from "../../../src/activities/finish-job.ts";
import { submitOperationWith } from "../../../src/activities/submit-operation.ts";
import { errorInfo, UpstreamError } from "../../../src/domain/app-error.ts";
import type { SubmitReply } from "../../../src/ports/image-model.ts";
import {
  callSupport,
  FakeClock,
  MemoryImageStore,
  MemoryJobStore,
  onlyModel,
  type Scripted,
  ScriptedImageModel,
} from "../../support/fakes.ts";
import { FakeInputFiles } from "../../support/edit-fakes.ts";
import { aJob } from "../../support/jobs.ts";
import { aPng } from "../../support/pictures.ts";

const submitted: SubmitReply = {
  kind: "submitted",
  operation: "/openai/operations/images/1",
  retryAfterMs: 2_000,
};
const cut = () => new UpstreamError("the connection broke", { mayBeBilled: true });
const picture = (mark: number) => ({ kind: "image" as const, bytes: aPng(512, 512, mark) });

const sevenAttempts = ["a", "b", "c", "d", "e", "f", "g"];

async function anOperation(...script: Scripted[]) {
  const clock = new FakeClock();
  const jobs = new MemoryJobStore();
  const images = new MemoryImageStore();
  const model = new ScriptedImageModel(...script);
  const job = aJob({ status: "running", model: "dall-e-2", deployment: "dalle2" });
  await jobs.create(job);
  const step = { jobId: job.id, call: 0, slots: [0, 1], deadline: clock.ms + 60_000 };
  const inputs = new FakeInputFiles();
  const deps = { ...callSupport(clock), jobs, images, models: onlyModel(model), inputs };
  return {
    clock,
    jobs,
    images,
    model,
    job,
    submit: async () => submitOperationWith(deps)(step),
    collect: async () => collectOperationWith(deps)(step),
    progress: async () => jobs.readProgress(job.id),
    finish: async () => {
      await finishJobWith(deps)({ jobId: job.id });
      return jobs.read(job.id);
    },
  };
}

describe("submitting", () => {
  it("notes where to ask, and when", async () => {
    const operation = await anOperation(submitted);
    expect(await operation.submit()).toEqual({ kind: "submitted", retryAfterMs: 2_000 });
    expect((await operation.progress()).calls).toEqual([
      {
        call: 0,
        inDoubt: [],
        duplicates: [],
        operation: "/openai/operations/images/1",
        submittedAt: "2026-03-04T05:06:07.000Z",
      },
    ]);
  });

  it("names the operation by job and call, so that the service takes two submissions as one", async () => {
    const operation = await anOperation(cut(), submitted);
    expect(await operation.submit()).toMatchObject({ kind: "unavailable", mayBeBilled: false });
    await operation.submit();
    const [first, second] = operation.model.submits;
    expect(first?.operationId).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(second).toEqual(first);
    const other = await anOperation(submitted);
    await other.submit();
    expect(other.model.submits[0]?.operationId).not.toBe(first?.operationId);
  });

  it("is never counted as a repeated call, since it is billed once however often it is done", async () => {
    const operation = await anOperation(cut(), cut(), cut());
    for (let i = 0; i < 3; i += 1) await operation.submit().catch(() => undefined);
    expect(await operation.finish()).not.toHaveProperty("repeatedCalls");
  });

  it("may be cut off as often as it likes", async () => {
    const operation = await anOperation(submitted);
    operation.jobs.arrange(
      operation.job.id,
      { call: 0, inDoubt: sevenAttempts, duplicates: sevenAttempts.slice(1) },
      [],
    );
    expect(await operation.submit()).toMatchObject({ kind: "submitted" });
  });

  it("isn't done again once it is known where to ask", async () => {
    const operation = await anOperation(submitted);
    await operation.submit();
    expect(await operation.submit()).toEqual({ kind: "submitted", retryAfterMs: 0 });
    expect(operation.model.submits).toHaveLength(1);
    expect((await operation.progress()).calls).toMatchObject([{ inDoubt: [], duplicates: [] }]);
  });

  it.each([
    [{ kind: "refused", failure: errorInfo("contentFilter", "Refused.") }, { kind: "refused" }],
    [
      { kind: "throttled", retryAfterMs: 5_000 },
      { kind: "throttled", retryAfterMs: 5_000 },
    ],
  ] as const)("that is answered %j ends so", async (reply, outcome) => {
    const operation = await anOperation(reply);
    expect(await operation.submit()).toEqual(outcome);
  });

  it("is not done after the deadline", async () => {
    const operation = await anOperation();
    operation.clock.pass(60_000);
    expect(await operation.submit()).toMatchObject({
      kind: "rejected",
      failure: { code: "deadlineExceeded" },
    });
  });
});

describe("collecting", () => {
  it("waits as long as the service says while it isn't done", async () => {
    const operation = await anOperation(submitted, { kind: "pending", retryAfterMs: 3_000 });
    await operation.submit();
    expect(await operation.collect()).toEqual({ kind: "pending", retryAfterMs: 3_000 });
    expect(operation.model.polls).toEqual([{ operation: "/openai/operations/images/1", ageMs: 0 }]);
  });

  it("stores the images, once", async () => {
    const operation = await anOperation(submitted, { kind: "images", items: [picture(1), picture(2)] });
    await operation.submit();
    expect([await operation.collect(), await operation.collect()]).toEqual([
      { kind: "stored" },
      { kind: "stored" },
    ]);
    expect(operation.model.polls).toHaveLength(1);
    expect([...operation.images.blobs.keys()]).toEqual([
      `${operation.job.id}/0.png`,
      `${operation.job.id}/1.png`,
    ]);
  });

  it("takes only images of positions that nothing is known of", async () => {
    const operation = await anOperation(submitted, { kind: "images", items: [picture(1), picture(2)] });
    await operation.submit();
    await operation.jobs.settleSlots(operation.job.id, failedSlots([0], errorInfo("internal", "Lost.")));
    await operation.collect();
    expect([...operation.images.blobs.keys()]).toEqual([`${operation.job.id}/1.png`]);
    expect(operation.images.blobs.get(`${operation.job.id}/1.png`)?.bytes).toEqual(aPng(512, 512, 2));
  });

  it("may break and be done again: asking costs nothing and counts for nothing", async () => {
    const operation = await anOperation(submitted, cut(), {
      kind: "images",
      items: [picture(1), picture(2)],
    });
    await operation.submit();
    expect(await operation.collect()).toMatchObject({ kind: "unavailable", mayBeBilled: false });
    expect(await operation.collect()).toEqual({ kind: "stored" });
    expect(await operation.finish()).not.toHaveProperty("repeatedCalls");
  });

  it("of a failed operation settles every slot with its reason", async () => {
    const failure = errorInfo("upstreamRejected", "It failed.");
    const operation = await anOperation(submitted, { kind: "rejected", failure });
    await operation.submit();
    expect(await operation.collect()).toEqual({ kind: "rejected", failure });
    expect((await operation.progress()).slots).toMatchObject([{ failure }, { failure }]);
  });

  it("of an operation that was never submitted is an internal fault", async () => {
    await expect((await anOperation()).collect()).rejects.toMatchObject({ code: "internal" });
  });
});

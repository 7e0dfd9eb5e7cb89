import { describe, expect, it } from "vitest";
import { collectOperationWith } from "../../../src/activities/collect-operation.ts";
import { finishJobWith } from "../../../src/activities/finish-job.ts";
import { submitOperationWith } from "../../../src/activities/submit-operation.ts";
import { factsOf, UpstreamFault } from "../../../src/domain/fault.ts";
import type { SubmitReply } from "../../../src/ports.ts";
import {
  FakeClock,
  MemoryImageStore,
  MemoryJobStore,
  noEnds,
  onlyModel,
  ScriptedImageModel,
} from "../../support/fakes.ts";
import { FakeInputFiles } from "../../support/edit-fakes.ts";
import { aJob } from "../../support/jobs.ts";
import type { GatheredReply } from "../../support/gathered-reply.ts";
import { aPng } from "../../support/pictures.ts";

const submitted: SubmitReply = {
  kind: "submitted",
  operation: "/openai/operations/images/1",
  retryAfterMs: 2_000,
};
const cut = () => new UpstreamFault("the connection broke", { mayBeBilled: true });
const picture = (mark: number) => ({ kind: "image" as const, bytes: aPng(512, 512, mark) });

async function anOperation(...script: (SubmitReply | GatheredReply | Error)[]) {
  const clock = new FakeClock();
  const jobs = new MemoryJobStore();
  const images = new MemoryImageStore();
  const model = new ScriptedImageModel(...script);
  const job = aJob({ status: "running", model: "dall-e-2", deployment: "dalle2" });
  await jobs.create(job);
  const step = { jobId: job.id, call: 0, slots: [0, 1], deadline: clock.ms + 60_000 };
  const deps = { jobs, images, models: onlyModel(model), clock, inputs: new FakeInputFiles(), ends: noEnds };
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
      { call: 0, unanswered: 0, repeated: 0, operation: "/openai/operations/images/1" },
    ]);
  });

  it("names the operation by job and call, so that the service takes two submissions as one", async () => {
    const operation = await anOperation(cut(), submitted);
    await expect(operation.submit()).rejects.toThrow("the connection broke");
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
    operation.jobs.arrange(operation.job.id, { call: 0, unanswered: 7, repeated: 6 }, []);
    expect(await operation.submit()).toMatchObject({ kind: "submitted" });
  });

  it("isn't done again once it is known where to ask", async () => {
    const operation = await anOperation(submitted);
    await operation.submit();
    expect(await operation.submit()).toEqual({ kind: "submitted", retryAfterMs: 0 });
    expect(operation.model.submits).toHaveLength(1);
    expect((await operation.progress()).calls).toMatchObject([{ unanswered: 0, repeated: 0 }]);
  });

  it.each([
    [{ kind: "refused", fault: factsOf("contentFilter", "Refused.") }, { kind: "refused" }],
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
    expect(await operation.submit()).toMatchObject({ kind: "rejected", fault: { code: "deadlineExceeded" } });
  });
});

describe("collecting", () => {
  it("waits as long as the service says while it isn't done", async () => {
    const operation = await anOperation(submitted, { kind: "pending", retryAfterMs: 3_000 });
    await operation.submit();
    expect(await operation.collect()).toEqual({ kind: "pending", retryAfterMs: 3_000 });
    expect(operation.model.polls).toEqual([{ operation: "/openai/operations/images/1", wanted: [0, 1] }]);
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

  it("asks only for positions that nothing is known of", async () => {
    const operation = await anOperation(submitted, { kind: "images", items: [picture(2)] });
    await operation.submit();
    await operation.jobs.failSlots(operation.job.id, [0], factsOf("internal", "Lost."));
    await operation.collect();
    expect(operation.model.polls[0]?.wanted).toEqual([1]);
    expect(operation.images.blobs.get(`${operation.job.id}/1.png`)?.bytes).toEqual(aPng(512, 512, 2));
  });

  it("may break and be done again: asking costs nothing and counts for nothing", async () => {
    const operation = await anOperation(submitted, cut(), {
      kind: "images",
      items: [picture(1), picture(2)],
    });
    await operation.submit();
    await expect(operation.collect()).rejects.toThrow();
    expect(await operation.collect()).toEqual({ kind: "stored" });
    expect(await operation.finish()).not.toHaveProperty("repeatedCalls");
  });

  it("of a failed operation settles every slot with its reason", async () => {
    const fault = factsOf("upstreamRejected", "It failed.");
    const operation = await anOperation(submitted, { kind: "rejected", fault });
    await operation.submit();
    expect(await operation.collect()).toEqual({ kind: "rejected", fault });
    expect((await operation.progress()).slots).toMatchObject([{ fault }, { fault }]);
  });

  it("of an operation that was never submitted is an internal fault", async () => {
    await expect((await anOperation()).collect()).rejects.toMatchObject({ code: "internal" });
  });
});

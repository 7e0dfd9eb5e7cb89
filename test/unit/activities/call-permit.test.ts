import { beforeEach, describe, expect, it } from "vitest";
import { renderImagesWith } from "../../../src/activities/render-images.ts";
import { submitOperationWith } from "../../../src/activities/submit-operation.ts";
import { UpstreamError } from "../../../src/domain/app-error.ts";
import type { PoolState } from "../../../src/domain/quota/pool-state.ts";
import type { JobRecord } from "../../../src/ports/records.ts";
import type { ImageModel } from "../../../src/ports/image-model.ts";
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

const image: Scripted = { kind: "images", items: [{ kind: "image", bytes: aPng(64, 64, 1) }] };
const limits = { requests: { count: 2, windowMs: 60_000 } };
let clock: FakeClock;
let support: ReturnType<typeof callSupport>;
let jobs: MemoryJobStore;
beforeEach(() => {
  clock = new FakeClock();
  support = callSupport(clock);
  jobs = new MemoryJobStore();
});

/** A job of one image for a deployment of a pool that takes two requests a minute. */
async function aCall(model: ImageModel, facts: Partial<JobRecord> = {}) {
  const request = { prompt: "a cat", n: 1, size: "64x64" };
  const job = aJob({ status: "running", request, createdAt: clock.now().toISOString(), ...facts });
  await jobs.create(job);
  support.quotas.set(job.deployment, { pool: "shared", limits });
  const stores = { jobs, images: new MemoryImageStore(), inputs: new FakeInputFiles() };
  const deps = { ...support, ...stores, models: onlyModel(model) };
  const step = { jobId: job.id, call: 0, slots: [0], deadline: clock.ms + 1_800_000 };
  return {
    job,
    render: async () => renderImagesWith(deps)(step),
    submit: async () => submitOperationWith(deps)(step),
  };
}

const pool = async (): Promise<PoolState> => support.quotaPools.read("shared");

describe("a call to a deployment of a quota pool", () => {
  it("is sent with a permit, which is given back with how long it took", async () => {
    const model = new ScriptedImageModel(image);
    const { render } = await aCall(model);
    expect(await render()).toEqual({ kind: "stored" });
    const { permits, starts, durations } = await pool();
    expect(permits).toEqual([]);
    expect(starts).toHaveLength(1);
    expect(Object.keys(durations)).toEqual(["dall-e-3|64x64|"]);
  });

  it("without room isn't sent, isn't noted as sent, and says when to come back; then it is sent", async () => {
    const calls = await Promise.all([1, 2, 3].map(() => aCall(new ScriptedImageModel(image))));
    const outcomes = [];
    for (const { render } of calls) outcomes.push(await render());
    const [, , third] = outcomes;
    expect(outcomes.map(({ kind }) => kind)).toEqual(["stored", "stored", "queued"]);
    const until = third?.kind === "queued" ? third.until : expect.fail();
    expect(until).toBeGreaterThan(clock.ms + 55_000);
    expect((await jobs.readProgress(calls[2]?.job.id ?? "")).calls).toEqual([]);
    expect((await pool()).waiting).toHaveLength(1);
    // Watchers are told once, however often it looks.
    expect((await calls[2]?.render())?.kind).toBe("queued");
    const since = calls[2]?.job.createdAt;
    expect(await jobs.readEvents(calls[2]?.job.id ?? "", 1)).toMatchObject([
      { type: "job.waiting", waiting: { reason: "quota", since, position: 0 } },
    ]);
    clock.pass(until - clock.ms);
    expect(await calls[2]?.render()).toEqual({ kind: "stored" });
    // It came a little before its turn, and waited for it.
    expect(clock.ms).toBeGreaterThan(until);
  });

  it("whose turn comes after its job's queue deadline ends at once, and waits no more", async () => {
    const soon = new Date(clock.ms + 30_000).toISOString();
    const late = new Date(clock.ms + 1_800_000).toISOString();
    const facts = { queueDeadline: soon, latestEnd: late };
    const calls = await Promise.all([1, 2, 3].map(() => aCall(new ScriptedImageModel(image), facts)));
    for (const { render } of calls.slice(0, 2)) await render();
    expect(await calls[2]?.render()).toMatchObject({
      kind: "rejected",
      failure: {
        code: "deadlineExceeded",
        message: "The job's queue deadline passed before its turn came; the service was not asked.",
      },
    });
    expect((await pool()).waiting).toEqual([]);
  });

  it("of a job that has begun may wait past the queue deadline, and not past its latest end", async () => {
    const at = (ms: number) => new Date(clock.ms + ms).toISOString();
    const others = await Promise.all([1, 2].map(() => aCall(new ScriptedImageModel(image))));
    for (const { render } of others) await render();
    const begun = await aCall(new ScriptedImageModel(), { queueDeadline: at(1), latestEnd: at(600_000) });
    jobs.arrange(begun.job.id, { call: 1, inDoubt: [], duplicates: [], outcome: { kind: "stored" } }, []);
    expect(await begun.render()).toMatchObject({ kind: "queued" });
    const over = await aCall(new ScriptedImageModel(), { queueDeadline: at(1), latestEnd: at(10_000) });
    jobs.arrange(over.job.id, { call: 1, inDoubt: [], duplicates: [], outcome: { kind: "stored" } }, []);
    expect(await over.render()).toMatchObject({ kind: "rejected", failure: { code: "deadlineExceeded" } });
  });

  it("goes before the same caller's calls of a lower priority", async () => {
    const first = await Promise.all([1, 2].map(() => aCall(new ScriptedImageModel(image))));
    for (const { render } of first) await render();
    const low = await aCall(new ScriptedImageModel(image), { priority: "low" });
    const high = await aCall(new ScriptedImageModel(image), { priority: "high" });
    await low.render();
    await high.render();
    expect((await pool()).waiting.map(({ priority }) => priority)).toEqual(["high", "low"]);
  });

  it("that was turned away costs its pool what the service says, and others wait too", async () => {
    const first = await aCall(new ScriptedImageModel({ kind: "throttled", retryAfterMs: 30_000 }));
    expect(await first.render()).toEqual({ kind: "throttled", retryAfterMs: 30_000 });
    const second = await aCall(new ScriptedImageModel(image));
    expect(await second.render()).toMatchObject({ kind: "queued" });
    expect((await pool()).permits).toEqual([]);
  });

  it("that broke gives its permit back, and its start counts where it may have been served", async () => {
    const cut = new UpstreamError("the connection broke", { mayBeBilled: true });
    const { render } = await aCall(new ScriptedImageModel(cut));
    await expect(render()).rejects.toThrow("the connection broke");
    const { permits, starts, breakers } = await pool();
    expect(permits).toEqual([]);
    expect(starts[0]).toMatchObject({ requests: 1 });
    expect(Object.values(breakers)).toMatchObject([{ failures: 1 }]);
  });

  it("that went well tells its pool at once only where others wait to hear of it", async () => {
    const { quotaPools } = support;
    const notified: string[] = [];
    const change = quotaPools.change.bind(quotaPools);
    const later = quotaPools.later.bind(quotaPools);
    quotaPools.change = async (...input) => {
      notified.push("change");
      return change(...input);
    };
    quotaPools.later = (...input) => {
      notified.push("later");
      later(...input);
    };
    await (await aCall(new ScriptedImageModel(image))).render();
    expect(notified.splice(0)).toEqual(["change", "later"]);
    const failing = await aCall(
      new ScriptedImageModel(new UpstreamError("it broke", { mayBeBilled: false })),
    );
    await expect(failing.render()).rejects.toThrow("it broke");
    expect(notified.splice(0)).toEqual(["change", "change"]);
    clock.pass(61_000);
    await (await aCall(new ScriptedImageModel(image))).render();
    expect(notified).toEqual(["change", "change"]);
    expect((await pool()).breakers).toEqual({});
  });

  it("whose operation was taken before takes no second permit", async () => {
    const { submit } = await aCall(
      new ScriptedImageModel({ kind: "submitted", operation: "/o/1", retryAfterMs: 0 }),
    );
    expect((await submit()).kind).toBe("submitted");
    expect((await submit()).kind).toBe("submitted");
    expect((await pool()).starts).toMatchObject([{ requests: 1 }]);
  });

  it("whose run died with its answer written gives its place back when its step runs again", async () => {
    const { job, render } = await aCall(new ScriptedImageModel(image));
    support.quotas.set(job.deployment, { pool: "shared", limits: { parallel: 1 } });
    const { quotaPools } = support;
    const change = quotaPools.change.bind(quotaPools);
    let writes = 0;
    // The second write would give it back.
    quotaPools.change = async (...input) => {
      writes += 1;
      if (writes === 2) throw new Error("The process was killed.");
      return change(...input);
    };
    expect(await render()).toEqual({ kind: "stored" });
    expect((await pool()).permits).toHaveLength(1);
    expect(await render()).toEqual({ kind: "stored" });
    expect((await pool()).permits).toEqual([]);
  });

  it("whose job ended before it was sent gives its room back", async () => {
    const { render } = await aCall(new ScriptedImageModel());
    // As it is for a job that was canceled while its inputs were fetched.
    jobs.beginAttempt = () => Promise.resolve({ kind: "over" });
    expect(await render()).toMatchObject({ kind: "rejected" });
    expect((await pool()).permits).toEqual([]);
    expect((await pool()).starts[0]?.requests).toBe(0);
  });
});

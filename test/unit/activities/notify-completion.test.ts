import { describe, expect, it } from "vitest";
import { notifyCompletionWith } from "../../../src/activities/notify-completion.ts";
import type { DeliveryTarget } from "../../../src/domain/hook.ts";
import type { JobRecord } from "../../../src/ports/records.ts";
import { FakeClock, MemoryJobStore } from "../../support/fakes.ts";
import { aContext } from "../../support/http.ts";
import { aCallback, aHook, anEndedJob, aWebhookRequest } from "../../support/webhook-jobs.ts";
import { FakeDeliveryRunner, MemoryDeliveryStore, MemoryHookStore } from "../../support/webhook-fakes.ts";

async function arranged(change: Partial<JobRecord> = {}) {
  const jobs = new MemoryJobStore();
  const deliveries = new MemoryDeliveryStore();
  const runner = new FakeDeliveryRunner();
  const job = anEndedJob(change);
  await jobs.create(job);
  const hooks = new MemoryHookStore();
  const clock = new FakeClock();
  const notifyCompletion = notifyCompletionWith({
    jobs,
    deliveries,
    hooks,
    clock,
    deliveryRunner: () => runner,
  });
  return {
    ...{ jobs, deliveries, runner, job, hooks },
    run: async (jobId = job.id) => notifyCompletion({ jobId }, aContext()),
    notifyLate: async (late: DeliveryTarget) => notifyCompletion({ jobId: job.id, late }, aContext()),
    state: () => jobs.jobs.get(job.id)?.notification,
  };
}

describe("the end of a job", () => {
  it.each(["succeeded", "failed", "canceled"] as const)("%s begins its one delivery", async (status) => {
    const { run, runner, deliveries, job, state } = await arranged({ status });
    expect(await run()).toEqual({ notified: true });
    expect(runner.started).toEqual([{ jobId: job.id, round: 1 }]);
    expect(deliveries.deliveries.get(job.id)).toMatchObject({ event: `job.${status}`, status: "pending" });
    expect(state()).toBe("sent");
  });

  it("whose job is deleted right before its delivery begins leaves nothing in the task hub", async () => {
    const { run, runner, jobs, job } = await arranged();
    const start = runner.start.bind(runner);
    runner.start = async (round) => {
      jobs.jobs.delete(job.id);
      await start(round);
    };
    await run();
    expect([runner.started, runner.purged]).toEqual([runner.purged, [{ jobId: job.id, round: 1 }]]);
  });

  it("told twice begins it once", async () => {
    const { run, runner } = await arranged();
    await run();
    expect(await run()).toEqual({ notified: false });
    expect(runner.started).toHaveLength(1);
  });

  it("that nobody wants to hear of is settled without a delivery", async () => {
    const { run, runner, deliveries, state } = await arranged({
      webhook: aWebhookRequest({ events: ["job.failed"] }),
    });
    expect(await run()).toEqual({ notified: false });
    expect([runner.started, deliveries.deliveries.size, state()]).toEqual([[], 0, "sent"]);
  });

  it("that hasn't come yet begins nothing, and stays due", async () => {
    const { run, runner, state } = await arranged({ status: "running" });
    await run();
    expect([runner.started, state()]).toEqual([[], "pending"]);
  });

  it("of a job of old, which was never to be told, or of none at all, is nobody's business", async () => {
    const { run, jobs, job, runner } = await arranged();
    const { notification, ...silent } = job;
    jobs.jobs.set(job.id, silent);
    expect([notification, await run(), await run("job_gone")]).toEqual([
      "pending",
      { notified: false },
      { notified: false },
    ]);
    expect(runner.started).toEqual([]);
  });
});

describe("the end of a job that others wait for", () => {
  it("is told to its webhook, to each run that waits for it, and to each hook that it concerns", async () => {
    const callbacks = [aCallback({ name: "a".repeat(32) }), aCallback({ name: "b".repeat(32) })];
    const { run, runner, hooks, job, state } = await arranged({ callbacks });
    await hooks.subscribe(aHook(job, { name: "c".repeat(32) }));
    await hooks.subscribe(aHook(job, { name: "d".repeat(32), outcome: "failed" }));
    expect(await run()).toEqual({ notified: true });
    expect(runner.started.every(({ jobId, round }) => jobId === job.id && round === 1)).toBe(true);
    expect(runner.started.map(({ target }) => target)).toEqual([
      undefined,
      `callback_${"a".repeat(32)}`,
      `callback_${"b".repeat(32)}`,
      `hook_${"c".repeat(32)}`,
    ]);
    expect(state()).toBe("sent");
  });

  it("is told though it has no webhook", async () => {
    const { run, runner, jobs, job } = await arranged({ callbacks: [aCallback()] });
    const { webhook, ...quiet } = job;
    jobs.jobs.set(job.id, quiet);
    expect([webhook === undefined, await run(), runner.started.length]).toEqual([
      false,
      { notified: true },
      1,
    ]);
  });

  it("stays due when one of them can't be told now, and is then told to all of them, each once", async () => {
    const { jobs, run, runner, deliveries, state } = await arranged({ callbacks: [aCallback()] });
    jobs.outage.of("markNotification");
    await expect(run()).rejects.toThrow();
    jobs.outage.end();
    expect([state(), deliveries.deliveries.size]).toEqual(["pending", 2]);
    await run();
    expect([state(), deliveries.deliveries.size, new Set(runner.started.map(({ round }) => round))]).toEqual([
      "sent",
      2,
      new Set([1]),
    ]);
  });

  it("is told to a run that comes late, though all others were told before", async () => {
    const late = `callback_${"e".repeat(32)}` as const;
    const { run, notifyLate, runner, job, deliveries } = await arranged();
    await run();
    await notifyLate(late);
    expect(runner.started.at(-1)).toEqual({ jobId: job.id, round: 1, target: late });
    await deliveries.record(
      { ...deliveries.deliveries.get(`${job.id} ${late}`)!, status: "delivered" },
      { round: 1, attempt: 1, at: "", durationMs: 0 },
    );
    await notifyLate(late);
    expect(runner.started).toHaveLength(2);
  });

  it("isn't told late before it has come", async () => {
    const { notifyLate, runner } = await arranged({ status: "running" });
    await notifyLate(`callback_${"e".repeat(32)}`);
    expect(runner.started).toEqual([]);
  });
});

describe("cut off", () => {
  it("before the start, it stays due, and the next one starts the same delivery", async () => {
    const { run, runner, deliveries, job, state } = await arranged();
    runner.outage.of("start");
    await expect(run()).rejects.toThrow("storage is away");
    expect(state()).toBe("pending");
    const opened = deliveries.deliveries.get(job.id);
    runner.outage.end();
    await run();
    expect(deliveries.deliveries.get(job.id)).toBe(opened);
    expect([runner.started.length, state()]).toEqual([1, "sent"]);
  });

  it("after the start, the next one asks for the same round, which the runner knows, and for no other", async () => {
    const { jobs, run, runner, deliveries, job } = await arranged();
    jobs.outage.of("markNotification");
    await expect(run()).rejects.toThrow();
    jobs.outage.end();
    await run();
    expect(new Set(runner.started.map(({ round }) => round))).toEqual(new Set([1]));
    expect(deliveries.deliveries.get(job.id)?.round).toBe(1);
  });

  it("until the delivery was over, nothing is started any more", async () => {
    const { jobs, run, runner, deliveries, job, state } = await arranged();
    jobs.outage.of("markNotification");
    await expect(run()).rejects.toThrow();
    jobs.outage.end();
    const delivered = deliveries.deliveries.get(job.id);
    if (delivered) deliveries.deliveries.set(job.id, { ...delivered, status: "delivered" });
    await run();
    expect([runner.started.length, state()]).toEqual([1, "sent"]);
  });
});

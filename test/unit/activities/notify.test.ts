import { describe, expect, it } from "vitest";
import { notifyWith } from "../../../src/activities/notify.ts";
import type { JobRecord } from "../../../src/records.ts";
import { FakeClock, MemoryJobStore } from "../../support/fakes.ts";
import { aContext } from "../../support/http.ts";
import { anEndedJob, aWish } from "../../support/webhook-jobs.ts";
import { FakeDeliveryRunner, MemoryDeliveryStore } from "../../support/webhook-fakes.ts";

async function arranged(change: Partial<JobRecord> = {}) {
  const jobs = new MemoryJobStore();
  const deliveries = new MemoryDeliveryStore(jobs);
  const runner = new FakeDeliveryRunner();
  const job = anEndedJob(change);
  await jobs.create(job);
  const notify = notifyWith({ jobs, deliveries, clock: new FakeClock(), deliveryRunner: () => runner });
  return {
    ...{ jobs, deliveries, runner, job },
    run: async (jobId = job.id) => notify({ jobId }, aContext()),
    state: () => jobs.jobs.get(job.id)?.webhook?.state,
  };
}

describe("the end of a job", () => {
  it.each(["succeeded", "failed", "canceled"] as const)("%s begins its one delivery", async (status) => {
    const { run, runner, deliveries, job, state } = await arranged({ status });
    expect(await run()).toEqual({ notified: true });
    expect(runner.started).toEqual([{ jobId: job.id, round: 1 }]);
    expect(deliveries.deliveries.get(job.id)).toMatchObject({ event: `job.${status}`, status: "pending" });
    expect(state()).toBe("settled");
  });

  it("told twice begins it once", async () => {
    const { run, runner } = await arranged();
    await run();
    expect(await run()).toEqual({ notified: false });
    expect(runner.started).toHaveLength(1);
  });

  it("that nobody wants to hear of is settled without a delivery", async () => {
    const { run, runner, deliveries, state } = await arranged({ webhook: aWish({ events: ["job.failed"] }) });
    expect(await run()).toEqual({ notified: false });
    expect([runner.started, deliveries.deliveries.size, state()]).toEqual([[], 0, "settled"]);
  });

  it("that hasn't come yet begins nothing, and stays due", async () => {
    const { run, runner, state } = await arranged({ status: "running" });
    await run();
    expect([runner.started, state()]).toEqual([[], "due"]);
  });

  it("of a job without a webhook, or of none at all, is nobody's business", async () => {
    const { run, jobs, job, runner } = await arranged();
    const { webhook, ...silent } = job;
    jobs.jobs.set(job.id, silent);
    expect([webhook?.state, await run(), await run("job_gone")]).toEqual([
      "due",
      { notified: false },
      { notified: false },
    ]);
    expect(runner.started).toEqual([]);
  });
});

describe("cut off", () => {
  it("before the start, it stays due, and the next one starts the same delivery", async () => {
    const { run, runner, deliveries, job, state } = await arranged();
    runner.outage.of("start");
    await expect(run()).rejects.toThrow("storage is away");
    expect(state()).toBe("due");
    const opened = deliveries.deliveries.get(job.id);
    runner.outage.end();
    await run();
    expect(deliveries.deliveries.get(job.id)).toBe(opened);
    expect([runner.started.length, state()]).toEqual([1, "settled"]);
  });

  it("after the start, the next one asks for the same round, which the runner knows, and for no other", async () => {
    const { run, runner, deliveries, job } = await arranged();
    deliveries.outage.of("mark");
    await expect(run()).rejects.toThrow();
    deliveries.outage.end();
    await run();
    expect(new Set(runner.started.map(({ round }) => round))).toEqual(new Set([1]));
    expect(deliveries.deliveries.get(job.id)?.round).toBe(1);
  });

  it("until the delivery was over, nothing is started any more", async () => {
    const { run, runner, deliveries, job, state } = await arranged();
    deliveries.outage.of("mark");
    await expect(run()).rejects.toThrow();
    deliveries.outage.end();
    const delivered = deliveries.deliveries.get(job.id);
    if (delivered) deliveries.deliveries.set(job.id, { ...delivered, status: "delivered" });
    await run();
    expect([runner.started.length, state()]).toEqual([1, "settled"]);
  });
});

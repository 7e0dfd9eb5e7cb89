import type { Timer } from "@azure/functions";
import { describe, expect, it } from "vitest";
import { parseSchedule } from "../../../packages/functions-host/src/triggers/schedule.ts";
import { notifyCompletionWith } from "../../../src/activities/notify-completion.ts";
import { publishResultWith } from "../../../src/activities/publish-result.ts";
import { MemoryResultStore } from "../../support/edit-fakes.ts";
import { finishJobWith } from "../../../src/activities/finish-job.ts";
import { jobsReconcile, reconcileSchedule } from "../../../src/functions/jobs-reconcile.ts";
import type { JobRecord, SlotRecord } from "../../../src/ports/records.ts";
import { FakeClock, FakeJobRunner, MemoryImageStore, MemoryJobStore } from "../../support/fakes.ts";
import { aContext } from "../../support/http.ts";
import { aJob } from "../../support/jobs.ts";
import { storedSlot } from "../../support/slots.ts";
import { MemoryJobRetention, memoryContainerCleaner } from "../../support/retention-fakes.ts";
import { FakeDeliveryRunner, MemoryDeliveryStore, MemoryHookStore } from "../../support/webhook-fakes.ts";
import { aHook, aWebhookRequest } from "../../support/webhook-jobs.ts";

const timer: Timer = {
  isPastDue: false,
  schedule: { adjustForDST: true },
  scheduleStatus: { last: "", next: "", lastUpdated: "" },
};

function aRound() {
  const clock = new FakeClock("2026-03-04T05:00:00.000Z");
  const jobs = new MemoryJobStore();
  const runner = new FakeJobRunner();
  const retention = new MemoryJobRetention(jobs);
  const results = new MemoryResultStore();
  const deliveries = new MemoryDeliveryStore();
  const deliveryRunner = new FakeDeliveryRunner();
  const hooks = new MemoryHookStore();
  const log: string[] = [];
  const deps = {
    jobs,
    clock,
    rows: retention,
    closeAccount: async () => {},
    shelves: { images: memoryContainerCleaner(new Map()), uploads: memoryContainerCleaner(new Map()) },
    runner: () => runner,
    finishJob: finishJobWith({ jobs, images: new MemoryImageStore(), clock }),
    publishResult: publishResultWith({ jobs, results }),
    notifyCompletion: notifyCompletionWith({
      jobs,
      deliveries,
      hooks,
      clock,
      deliveryRunner: () => deliveryRunner,
    }),
  };
  const handler = jobsReconcile(deps);
  const run = async ({ lookMs }: { lookMs?: number } = {}) =>
    (lookMs === undefined ? handler : jobsReconcile(deps, lookMs))(timer, aContext(log));
  const keep = async (change: Partial<JobRecord>, slots: SlotRecord[] = []) => {
    const job = aJob({ createdAt: "2026-03-04T04:00:00.000Z", ...change });
    await jobs.create(job);
    jobs.arrange(job.id, { call: 0, inDoubt: [], duplicates: [] }, slots);
    return job;
  };
  return { clock, jobs, retention, runner, results, deliveries, deliveryRunner, hooks, log, run, keep };
}

it("a deletion that was cut off is gone on with, once anyone who began it had its time", async () => {
  const round = aRound();
  const job = await round.keep({ status: "succeeded" });
  await round.retention.markDeleted(job.id, round.clock.now());
  await round.run();
  expect(await round.retention.readDeleted(job.id)).toEqual(job);
  round.clock.pass(3 * 60_000);
  await round.run();
  expect(await round.retention.readDeleted(job.id)).toBeUndefined();
  expect(round.runner.purged).toEqual([job.id]);
});

describe("a job that was recorded", () => {
  it("and never started is started", async () => {
    const round = aRound();
    const job = await round.keep({});
    await round.run();
    expect(round.runner.started).toEqual([job]);
    expect(round.jobs.jobs.get(job.id)?.status).toBe("queued");
  });

  it("just now is left to the request that records it", async () => {
    const round = aRound();
    await round.keep({ createdAt: "2026-03-04T04:59:51.000Z" });
    await round.run();
    expect(round.runner.started).toEqual([]);
  });

  it("and whose start was lost begins within 30 s, at whatever moment of the rounds", async () => {
    const schedule = parseSchedule(reconcileSchedule);
    for (let second = 0; second < 60; second += 1) {
      const round = aRound();
      round.clock.pass(second * 1_000);
      const job = await round.keep({ createdAt: round.clock.now().toISOString() });
      while (round.runner.started.length === 0) {
        const next = schedule(round.clock.now()) ?? expect.unreachable();
        round.clock.pass(next.getTime() - round.clock.now().getTime());
        await round.run();
      }
      const tookMs = round.clock.now().getTime() - Date.parse(job.createdAt);
      expect([second, tookMs < 30_000]).toEqual([second, true]);
    }
  });

  it("and whose orchestration ends without it is ended within a minute, at whatever moment", async () => {
    for (let second = 0; second < 60; second += 1) {
      const round = aRound();
      const job = await round.keep({ status: "running" });
      round.runner.states.set(job.id, "active");
      let failedAt = 0;
      for (let at = 0; round.jobs.jobs.get(job.id)?.status === "running"; at += 1) {
        if (at === second) {
          round.runner.states.set(job.id, "ended");
          failedAt = round.clock.now().getTime();
        }
        // The first comes a little late, as rounds do: a rest of a minute would last into the fifth.
        round.clock.pass(at === 0 ? 5 : 0);
        if (at % 15 === 0) await round.run();
        round.clock.pass(at === 0 ? 995 : 1_000);
      }
      const finishedAt = Date.parse(round.jobs.jobs.get(job.id)?.finishedAt ?? "");
      expect([second, finishedAt - failedAt <= 60_000]).toEqual([second, true]);
    }
  });

  it("and whose look never ends is passed over: no round waits for it", async () => {
    const round = aRound();
    const [first, second] = [await round.keep({}), await round.keep({})];
    const state = round.runner.state.bind(round.runner);
    round.runner.state = async (jobId) => (jobId === first.id ? new Promise(() => undefined) : state(jobId));
    await round.run({ lookMs: 1 });
    expect(round.runner.started).toEqual([second]);
    expect(round.log.join("\n")).toContain(
      `error: job ${first.id} could not be reconciled: it took more than`,
    );
  });

  it("and runs is asked about every 45 seconds, not in each round", async () => {
    const round = aRound();
    const job = await round.keep({ status: "running" });
    const asked: string[] = [];
    round.runner.state = async (jobId) => {
      asked.push(jobId);
      return Promise.resolve("active");
    };
    for (let rounds = 0; rounds < 6; rounds += 1) {
      await round.run();
      round.clock.pass(15_000);
    }
    expect(asked).toEqual([job.id, job.id]);
  });

  it("and whose orchestration is active is left alone until well after its deadline", async () => {
    const round = aRound();
    const soon = new Date(round.clock.now().getTime() - 14 * 60_000).toISOString();
    const job = await round.keep({ status: "running", deadline: soon });
    round.runner.states.set(job.id, "active");
    await round.run();
    expect([round.runner.started, round.jobs.jobs.get(job.id)?.status]).toEqual([[], "running"]);
  });

  it("and whose orchestration is stuck is stopped and ended, with the reason", async () => {
    const round = aRound();
    const longAgo = new Date(round.clock.now().getTime() - 16 * 60_000).toISOString();
    const job = await round.keep({ status: "running", deadline: longAgo });
    round.runner.states.set(job.id, "active");
    await round.run();
    expect(round.runner.states.get(job.id)).toBe("ended");
    expect(round.jobs.jobs.get(job.id)).toMatchObject({
      status: "failed",
      failure: { code: "deadlineExceeded" },
    });
  });

  it("and whose orchestration ended without it is ended by what is stored", async () => {
    const round = aRound();
    const job = await round.keep({ status: "running" }, [storedSlot(0)]);
    round.runner.states.set(job.id, "ended");
    await round.run();
    expect(round.runner.started).toEqual([]);
    expect(round.jobs.jobs.get(job.id)).toMatchObject({
      status: "succeeded",
      finishedAt: "2026-03-04T05:00:00.000Z",
    });
  });

  it("and whose orchestration failed before it began is started anew, once", async () => {
    const round = aRound();
    const job = await round.keep({});
    round.runner.states.set(job.id, "failed");
    await round.run();
    expect(round.runner.started).toEqual([job]);
    round.clock.pass(45_000);
    await round.run();
    expect(round.runner.started).toHaveLength(1);
    expect(round.jobs.jobs.get(job.id)).toMatchObject({ status: "failed", failure: { code: "internal" } });
  });

  it.each<[why: string, state: "failed" | "ended", change: Partial<JobRecord>]>([
    ["failed once it had begun", "failed", { status: "running" }],
    ["failed, and whose time is up", "failed", { deadline: "2026-03-04T05:00:00.000Z" }],
    ["was ended by somebody", "ended", {}],
  ])("and whose orchestration %s is not started anew", async (_, state, change) => {
    const round = aRound();
    const job = await round.keep(change);
    round.runner.states.set(job.id, state);
    await round.run();
    expect([round.runner.started, round.jobs.jobs.get(job.id)?.status]).toEqual([[], "failed"]);
  });

  it("and not started before its deadline is ended: it is too late to pay for it", async () => {
    const round = aRound();
    const job = await round.keep({ deadline: "2026-03-04T05:00:00.000Z" });
    await round.run();
    expect([round.runner.started, round.jobs.jobs.get(job.id)?.status]).toEqual([[], "failed"]);
  });

  it("and came by the inbox has its result published when it is ended so", async () => {
    const round = aRound();
    const inbox = { blob: "in/cat.json", modifiedAt: "2026-03-04T03:59:00.000Z" };
    const job = await round.keep({ status: "running", inbox }, [storedSlot(0)]);
    round.runner.states.set(job.id, "ended");
    await round.run();
    expect([...round.results.results]).toMatchObject([
      ["in/cat.json", { result: { id: job.id, status: "succeeded" } }],
    ]);
  });

  it("and waits for its inputs is started with them when it never was", async () => {
    const round = aRound();
    const awaits = { images: [], until: "2026-03-04T05:10:00.000Z" };
    const job = await round.keep({ kind: "edit", awaits });
    await round.run();
    expect(round.runner.started).toEqual([job]);
  });

  it("and has ended is not looked at", async () => {
    const round = aRound();
    await round.keep({ status: "succeeded" });
    await round.run();
    expect(round.runner.started).toEqual([]);
  });

  it("and can't be looked after now doesn't keep the others waiting", async () => {
    const round = aRound();
    const [first, second] = [await round.keep({}), await round.keep({})];
    round.runner.outage.of(`state ${first.id}`);
    await round.run();
    expect(round.runner.started).toEqual([second]);
    expect(round.log.join("\n")).toContain(`error: job ${first.id} could not be reconciled`);
  });
});

it("a round that is repeated ends nothing twice", async () => {
  const round = aRound();
  const job = await round.keep({ status: "running" }, [storedSlot(0)]);
  round.runner.states.set(job.id, "ended");
  await round.run();
  const ended = round.jobs.jobs.get(job.id);
  round.clock.pass(60_000);
  await round.run();
  expect(round.jobs.jobs.get(job.id)).toEqual(ended);
});

describe("an end that nobody was told of", () => {
  const finishedAt = "2026-03-04T04:57:00.000Z";

  it("is told", async () => {
    const round = aRound();
    const job = await round.keep({
      status: "failed",
      finishedAt,
      webhook: aWebhookRequest(),
      notification: "pending",
    });
    await round.run();
    expect(round.deliveryRunner.started).toEqual([{ jobId: job.id, round: 1 }]);
    await round.run();
    expect(round.deliveryRunner.started).toHaveLength(1);
  });

  it("is told to a hook though its job names no webhook", async () => {
    const round = aRound();
    const job = await round.keep({ status: "failed", finishedAt, notification: "pending" });
    const hook = aHook(job);
    await round.hooks.subscribe(hook);
    await round.run();
    expect(round.deliveryRunner.started).toEqual([{ jobId: job.id, round: 1, target: `hook_${hook.name}` }]);
  });

  it("is told though its job was ended here, a while later", async () => {
    const round = aRound();
    const job = await round.keep({ status: "running", webhook: aWebhookRequest(), notification: "pending" }, [
      storedSlot(0),
    ]);
    round.runner.states.set(job.id, "ended");
    await round.run();
    expect(round.deliveryRunner.started).toEqual([]);
    round.clock.pass(3 * 60_000);
    await round.run();
    expect(round.deliveryRunner.started).toEqual([{ jobId: job.id, round: 1 }]);
  });

  it("just now is left to whatever ended the job", async () => {
    const round = aRound();
    await round.keep({
      status: "failed",
      finishedAt: "2026-03-04T04:59:00.000Z",
      webhook: aWebhookRequest(),
      notification: "pending",
    });
    await round.run();
    expect(round.deliveryRunner.started).toEqual([]);
  });

  it("of a job that can't be told now doesn't keep the others waiting, and is told next time", async () => {
    const round = aRound();
    const job = await round.keep({
      status: "failed",
      finishedAt,
      webhook: aWebhookRequest(),
      notification: "pending",
    });
    round.deliveryRunner.outage.of("start");
    await round.run();
    expect(round.log.join("\n")).toContain(`error: job ${job.id} could not be reconciled`);
    round.deliveryRunner.outage.end();
    await round.run();
    expect(round.deliveryRunner.started).toEqual([{ jobId: job.id, round: 1 }]);
  });

  it("of a file of the inbox is told, and its result is seen to", async () => {
    const round = aRound();
    const inbox = { blob: "in/cat.json", modifiedAt: "2026-03-04T03:59:00.000Z" };
    await round.keep({ status: "failed", finishedAt, notification: "pending", inbox });
    await round.run();
    expect([...round.results.results.keys()]).toEqual(["in/cat.json"]);
  });

  it("of a job that is settled stays so", async () => {
    const round = aRound();
    await round.keep({ status: "failed", finishedAt, webhook: aWebhookRequest(), notification: "sent" });
    await round.run();
    expect(round.deliveryRunner.started).toEqual([]);
  });
});

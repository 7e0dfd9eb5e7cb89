import { describe, expect, it } from "vitest";
import type { Delivery, DeliveryList } from "../../../src/contracts/deliveries.ts";
import { type App, anApp } from "../../support/app.ts";
import { brokenPromises } from "../../support/schemas.ts";
import { anEndedJob } from "../../support/webhook-jobs.ts";

async function deliveredJob(app: App) {
  const job = anEndedJob();
  await app.jobs.create(job);
  const createdAt = "2026-01-02T03:04:09.500Z";
  const next = { attempt: 2, at: "2026-01-02T03:04:15.000Z" };
  await app.deliveries.open({
    jobId: job.id,
    event: "job.succeeded",
    status: "pending",
    round: 1,
    createdAt,
    next,
  });
  const delivery = app.deliveries.deliveries.get(job.id);
  const failure = "The receiver answered 500.";
  if (delivery)
    await app.deliveries.record(delivery, {
      round: 1,
      attempt: 1,
      at: createdAt,
      durationMs: 12,
      status: 500,
      failure,
    });
  return { job, id: job.id.replace("job_", "dlv_") };
}

const list = (app: App, jobId: string, headers = {}) =>
  app.ask("deliveriesGet", { path: `/api/jobs/${jobId}/deliveries`, headers });
const redeliver = (app: App, jobId: string, deliveryId: string, headers = {}) =>
  app.ask("deliveryRedeliver", { path: `/api/jobs/${jobId}/deliveries/${deliveryId}/redeliver`, headers });

describe("GET /api/jobs/{id}/deliveries", () => {
  it("shows the delivery with every try, and no word of its address", async () => {
    const app = anApp();
    const { job, id } = await deliveredJob(app);
    const answer = await list(app, job.id);
    expect(answer.json).toEqual({
      deliveries: [
        {
          id,
          event: "job.succeeded",
          status: "pending",
          created_at: "2026-01-02T03:04:09.500Z",
          next_attempt_at: "2026-01-02T03:04:15.000Z",
          attempts: [
            {
              at: "2026-01-02T03:04:09.500Z",
              duration_ms: 12,
              status: 500,
              failure: "The receiver answered 500.",
            },
          ],
        },
      ],
    } satisfies DeliveryList);
    expect(brokenPromises(app.endpoints.deliveriesGet, answer)).toEqual([]);
    expect(answer.text).not.toMatch(/s3cret|hooks\.example/);
  });

  it("is empty for a job that tells nobody", async () => {
    const app = anApp();
    const job = anEndedJob();
    await app.jobs.create(job);
    expect((await list(app, job.id)).json).toEqual({ deliveries: [] });
  });

  it("knows only one's own jobs", async () => {
    const app = anApp();
    const { job } = await deliveredJob(app);
    for (const answer of [
      await list(app, job.id, { "x-caller": "key:other" }),
      await list(app, "job_none"),
    ]) {
      expect(answer.status).toBe(404);
      expect(brokenPromises(app.endpoints.deliveriesGet, answer)).toEqual([]);
    }
    expect((await list(app, job.id, { "x-caller": "" })).status).toBe(401);
  });
});

describe("POST …/redeliver", () => {
  it.each(["pending", "delivered", "disabled", "failed"] as const)(
    "begins another round of one that is %s, under the same id",
    async (status) => {
      const app = anApp();
      const { job, id } = await deliveredJob(app);
      const opened = app.deliveries.deliveries.get(job.id);
      if (opened) app.deliveries.deliveries.set(job.id, { ...opened, status });
      const answer = await redeliver(app, job.id, id);
      expect([answer.status, brokenPromises(app.endpoints.deliveryRedeliver, answer)]).toEqual([202, []]);
      expect(answer.json as Delivery).toMatchObject({ id, status: "pending", attempts: [{ status: 500 }] });
      expect(app.deliveryRunner.started).toEqual([{ jobId: job.id, round: 2 }]);
      expect(app.jobs.jobs.get(job.id)?.notification).toBe("sent");
    },
  );

  it("that can't start now leaves the round due, for jobs-reconcile", async () => {
    const app = anApp();
    const { job, id } = await deliveredJob(app);
    await app.jobs.markNotification(job.id, "sent");
    app.deliveryRunner.outage.of("start");
    expect((await redeliver(app, job.id, id)).status).toBe(500);
    expect(app.deliveries.deliveries.get(job.id)).toMatchObject({ round: 2, status: "pending" });
    expect(app.jobs.jobs.get(job.id)?.notification).toBe("pending");
  });

  it("has an end too: the twentieth round is the last", async () => {
    const app = anApp();
    const { job, id } = await deliveredJob(app);
    for (let round = 2; round <= 20; round += 1) expect((await redeliver(app, job.id, id)).status).toBe(202);
    const answer = await redeliver(app, job.id, id);
    expect([answer.status, brokenPromises(app.endpoints.deliveryRedeliver, answer)]).toEqual([409, []]);
    expect(app.deliveryRunner.started).toHaveLength(19);
  });

  it("knows only deliveries that there are, of one's own jobs", async () => {
    const app = anApp();
    const { job, id } = await deliveredJob(app);
    const undelivered = anEndedJob();
    await app.jobs.create(undelivered);
    const answers = [
      await redeliver(app, job.id, "dlv_other"),
      await redeliver(app, undelivered.id, undelivered.id.replace("job_", "dlv_")),
      await redeliver(app, job.id, id, { "x-caller": "key:other" }),
    ];
    for (const answer of answers)
      expect([answer.status, brokenPromises(app.endpoints.deliveryRedeliver, answer)]).toEqual([404, []]);
    expect((await redeliver(app, job.id, id, { "x-caller": "" })).status).toBe(401);
    expect(app.deliveryRunner.started).toEqual([]);
  });
});

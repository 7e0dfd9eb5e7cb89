import { describe, expect, it } from "vitest";
import { deliverWebhookWith } from "../../../src/activities/deliver-webhook.ts";
import type { WebhookReply } from "../../../src/domain/webhook.ts";
import type { JobRecord } from "../../../src/records.ts";
import { FakeClock, MemoryJobStore } from "../../support/fakes.ts";
import { failedSlot, storedSlot } from "../../support/slots.ts";
import { anEndedJob, receiverUrl } from "../../support/webhook-jobs.ts";
import { FakeWebhooks, MemoryDeliveryStore } from "../../support/webhook-fakes.ts";

const answered = (status: number, retryAfterMs = 0): WebhookReply => ({
  kind: "answered",
  status,
  retryAfterMs,
});

async function arranged(change: Partial<JobRecord> = {}) {
  const clock = new FakeClock();
  const jobs = new MemoryJobStore();
  const deliveries = new MemoryDeliveryStore(jobs);
  const webhooks = new FakeWebhooks();
  const job = anEndedJob(change);
  await jobs.create(job);
  jobs.arrange(job.id, { call: 0, unanswered: 0, repeated: 0 }, [storedSlot(0, true), failedSlot(1)]);
  const createdAt = clock.now().toISOString();
  await deliveries.open({
    ...{ jobId: job.id, event: "job.succeeded", status: "pending", round: 1, createdAt },
    next: { attempt: 1, at: createdAt },
  });
  const deliver = deliverWebhookWith({ jobs, deliveries, webhooks, clock });
  return {
    ...{ clock, jobs, deliveries, webhooks, job },
    run: async (attempt = 1, round = 1) => deliver({ jobId: job.id, round, attempt }),
    delivery: () => deliveries.deliveries.get(job.id),
    attempts: () => deliveries.attempts.get(job.id) ?? [],
  };
}

describe("a try", () => {
  it("sends the job without links, under the delivery's id, to the address that was given", async () => {
    const { run, webhooks, job } = await arranged();
    await run();
    const [sent] = webhooks.sent;
    expect(sent).toMatchObject({ caller: job.caller, url: receiverUrl, id: job.id.replace("job_", "dlv_") });
    const message = JSON.parse(sent?.body ?? "") as { type: string; timestamp: string; data: object };
    expect([message.type, message.timestamp]).toEqual(["job.succeeded", job.finishedAt]);
    expect(message.data).toMatchObject({ id: job.id, status: "succeeded", images: [{ index: 0 }] });
    expect(Object.keys(message.data)).not.toEqual(expect.arrayContaining(["links"]));
    for (const secret of ["s3cret", "hooks.example", "sig=", `"url"`])
      expect(sent?.body).not.toContain(secret);
  });

  it("that is taken ends the delivery", async () => {
    const { run, delivery, attempts } = await arranged();
    expect(await run()).toEqual({ kind: "over" });
    expect(delivery()).toMatchObject({ status: "delivered" });
    expect(delivery()).not.toHaveProperty("next");
    expect(attempts()).toMatchObject([{ round: 1, attempt: 1, status: 200 }]);
    expect(attempts()[0]).not.toHaveProperty("failure");
  });

  it("that fails says when the next is due, and why it failed", async () => {
    const { run, webhooks, delivery, attempts, clock } = await arranged();
    webhooks.reply = answered(500);
    const at = clock.now().getTime() + 5_000;
    expect(await run()).toEqual({ kind: "again", attempt: 2, at });
    expect(delivery()).toMatchObject({
      status: "pending",
      next: { attempt: 2, at: new Date(at).toISOString() },
    });
    expect(attempts()).toMatchObject([{ status: 500, failure: "The receiver answered 500." }]);
  });

  it("without an answer is recorded with its reason and without a status", async () => {
    const { run, webhooks, attempts } = await arranged();
    webhooks.reply = { kind: "unanswered", reason: "webhook_url names a host that can't be reached." };
    await run();
    expect(attempts()).toMatchObject([{ failure: "webhook_url names a host that can't be reached." }]);
    expect(attempts()[0]).not.toHaveProperty("status");
  });

  it("that is answered with a pause keeps to it", async () => {
    const { run, webhooks, clock } = await arranged();
    webhooks.reply = answered(429, 30_000);
    expect(await run()).toEqual({ kind: "again", attempt: 3, at: clock.now().getTime() + 60_000 });
  });

  it("that is the last ends the delivery as failed", async () => {
    const { run, webhooks, delivery } = await arranged();
    webhooks.reply = answered(500);
    expect(await run(10)).toEqual({ kind: "over" });
    expect(delivery()).toMatchObject({ status: "failed" });
  });

  it("that is answered 410 disables it", async () => {
    const { run, webhooks, delivery } = await arranged();
    webhooks.reply = answered(410);
    expect(await run()).toEqual({ kind: "over" });
    expect(delivery()).toMatchObject({ status: "disabled" });
  });
});

describe("nothing is sent", () => {
  it.each(["delivered", "disabled", "failed"] as const)("once it is %s", async (status) => {
    const { run, webhooks, deliveries, delivery, job } = await arranged();
    const standing = delivery();
    if (standing) deliveries.deliveries.set(job.id, { ...standing, status });
    expect(await run()).toEqual({ kind: "over" });
    expect(webhooks.sent).toEqual([]);
  });

  it("by a round that another has replaced", async () => {
    const { run, webhooks, deliveries, job, clock } = await arranged();
    await deliveries.renew(job.id, clock.now());
    expect(await run(1, 1)).toEqual({ kind: "over" });
    expect(webhooks.sent).toEqual([]);
  });

  it("for a job that was deleted", async () => {
    const { run, webhooks, jobs, job } = await arranged();
    jobs.jobs.delete(job.id);
    expect([await run(), webhooks.sent]).toEqual([{ kind: "over" }, []]);
  });
});

describe("run a second time", () => {
  it("after its record was written it sends nothing, and tells what was decided", async () => {
    const { run, webhooks, clock } = await arranged();
    webhooks.reply = answered(503);
    const first = await run();
    clock.pass(1_000);
    expect(await run()).toEqual(first);
    expect(webhooks.sent).toHaveLength(1);
  });

  it("before its record was written it sends the same message once more", async () => {
    const { run, webhooks, deliveries, delivery } = await arranged();
    deliveries.outage.of("record");
    await expect(run()).rejects.toThrow("storage is away");
    deliveries.outage.end();
    await run();
    expect(webhooks.sent).toHaveLength(2);
    expect(webhooks.sent[1]).toEqual(webhooks.sent[0]);
    expect(delivery()).toMatchObject({ status: "delivered" });
  });
});

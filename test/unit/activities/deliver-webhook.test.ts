import { callbackBodyWith } from "../../../src/connector/view.ts";
import { describe, expect, it } from "vitest";
import { deliverWebhookWith } from "../../../src/activities/deliver-webhook.ts";
import { imageOutcome, type ImageOutcome } from "../../../src/connector/contracts/schemas.ts";
import type { DeliveryTarget } from "../../../src/domain/hook.ts";
import type { WebhookReply } from "../../../src/domain/webhook.ts";
import type { JobRecord } from "../../../src/ports/records.ts";
import { FakeClock, MemoryImageStore, MemoryJobStore } from "../../support/fakes.ts";
import { failedSlot, storedSlot } from "../../support/slots.ts";
import { aCallback, aHook, anEndedJob, callbackUrl, receiverUrl } from "../../support/webhook-jobs.ts";
import {
  FakeCallbacks,
  FakeWebhooks,
  MemoryDeliveryStore,
  MemoryHookStore,
} from "../../support/webhook-fakes.ts";

const answered = (status: number, retryAfterMs = 0): WebhookReply => ({
  kind: "answered",
  status,
  retryAfterMs,
});

async function arranged(change: Partial<JobRecord> = {}, target?: DeliveryTarget) {
  const clock = new FakeClock();
  const jobs = new MemoryJobStore();
  const deliveries = new MemoryDeliveryStore();
  const webhooks = new FakeWebhooks();
  const job = anEndedJob(change);
  await jobs.create(job);
  jobs.arrange(job.id, { call: 0, inDoubt: [], duplicates: [] }, [storedSlot(0, true), failedSlot(1)]);
  const createdAt = clock.now().toISOString();
  const next = { attempt: 1, at: createdAt };
  const pending = {
    jobId: job.id,
    event: "job.succeeded",
    status: "pending",
    round: 1,
    createdAt,
    next,
  } as const;
  await deliveries.open(target ? { ...pending, target } : pending);
  const hooks = new MemoryHookStore();
  const callbacks = new FakeCallbacks();
  const images = new MemoryImageStore([], clock);
  const callbackBody = callbackBodyWith({ images });
  const deliver = deliverWebhookWith({ jobs, deliveries, webhooks, clock, hooks, callbacks, callbackBody });
  return {
    ...{ clock, jobs, deliveries, webhooks, job, hooks, callbacks, images },
    run: async (attempt = 1, round = 1) =>
      deliver({ jobId: job.id, round, attempt, ...(target && { target }) }),
    delivery: () => deliveries.deliveries.get(target ? `${job.id} ${target}` : job.id),
    attempts: () => deliveries.attempts.get(target ? `${job.id} ${target}` : job.id) ?? [],
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
    const thumbnail_url = `/api/jobs/${job.id}/images/0?thumbnail=512`;
    expect(message.data).toMatchObject({
      id: job.id,
      status: "succeeded",
      images: [{ index: 0, thumbnail_url: expect.stringContaining(thumbnail_url) as string }],
    });
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
    const opened = delivery();
    if (opened) deliveries.deliveries.set(job.id, { ...opened, status });
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

describe("a run that waits for the job", () => {
  const name = "a".repeat(32);
  const target = `callback_${name}` as const;
  const waiting = (change: Partial<JobRecord> = {}) =>
    arranged({ callbacks: [aCallback({ name })], ...change }, target);
  const deliveredTo = ({ sent }: FakeCallbacks) => {
    const outcome = JSON.parse(sent[0]?.body ?? "") as ImageOutcome;
    expect(imageOutcome.parse(outcome)).toEqual(outcome);
    return outcome;
  };

  it("is told how it ended, unsigned, with links that are made for this try", async () => {
    const { run, callbacks, webhooks, job, delivery } = await waiting();
    expect(await run()).toEqual({ kind: "over" });
    expect([callbacks.sent.map(({ url }) => url), webhooks.sent]).toEqual([[callbackUrl], []]);
    const outcome = deliveredTo(callbacks);
    expect(outcome).toMatchObject({
      jobId: job.id,
      status: "succeeded",
      images: [{ index: 0, url: expect.stringContaining("sig=") as string }],
      failures: [{ index: 1 }],
    });
    expect(outcome).not.toHaveProperty("error");
    expect(outcome.images[0]).not.toHaveProperty("contentBytes");
    expect(JSON.stringify(outcome)).not.toContain("engine.example");
    expect(delivery()).toMatchObject({ status: "delivered", target });
    expect(JSON.stringify(delivery())).not.toMatch(/sig=|http/);
  });

  it("is sent the files if it asked for them, but for those that are gone", async () => {
    const { run, callbacks, images, jobs, job } = await waiting({
      callbacks: [aCallback({ name, includeContent: true })],
    });
    jobs.arrange(job.id, { call: 0, inDoubt: [], duplicates: [] }, [storedSlot(0), storedSlot(1)]);
    const [slot] = (await jobs.readProgress(job.id)).slots;
    if (slot?.state === "stored")
      await images.put(slot.blob, Buffer.from("pixels"), { contentType: "image/png" });
    await run();
    const contents = deliveredTo(callbacks).images.map(({ contentBytes }) => contentBytes);
    expect(contents).toEqual([Buffer.from("pixels").toString("base64"), undefined]);
  });

  it.each([
    ["failed", { failure: { code: "contentFilter", message: "no", retryable: false } }, "contentFilter"],
    ["failed", {}, "internal"],
    ["canceled", {}, "expired"],
  ] as const)("is told why, of a job that %s", async (status, facts, code) => {
    const { run, callbacks } = await waiting({ status, ...facts });
    await run();
    expect(deliveredTo(callbacks)).toMatchObject({ status, error: { code } });
  });

  it("is told again when it is busy, as late as it asks", async () => {
    const { run, callbacks, clock } = await waiting();
    callbacks.reply = answered(429, 30_000);
    expect(await run()).toEqual({ kind: "again", attempt: 3, at: clock.now().getTime() + 60_000 });
  });

  it.each([404, 410])("and answers %i is told no more", async (status) => {
    const { run, callbacks, delivery } = await waiting();
    callbacks.reply = answered(status);
    expect([await run(), delivery()?.status]).toEqual([{ kind: "over" }, "disabled"]);
  });

  it("and gave up is not told", async () => {
    const { run, callbacks } = await waiting({ callbacks: [] });
    expect([await run(), callbacks.sent]).toEqual([{ kind: "over" }, []]);
  });
});

describe("a hook", () => {
  const name = "b".repeat(32);
  const target = `hook_${name}` as const;
  const hooked = async () => {
    const arrangement = await arranged({}, target);
    await arrangement.hooks.subscribe(aHook(arrangement.job, { name }));
    return arrangement;
  };

  it("is told at its address, by a link and without files", async () => {
    const { run, callbacks } = await hooked();
    await run();
    expect(callbacks.sent.map(({ url }) => url)).toEqual([callbackUrl]);
    expect(callbacks.sent[0]?.body).not.toContain("contentBytes");
  });

  it.each([404, 410])("that answers %i is forgotten, with what else was to be told to it", async (status) => {
    const { run, callbacks, hooks, delivery } = await hooked();
    callbacks.reply = answered(status);
    expect(await run()).toEqual({ kind: "over" });
    expect([hooks.hooks.size, delivery()?.status]).toEqual([0, "disabled"]);
  });

  it("that was asked for anew while it answered so stays", async () => {
    const { run, callbacks, hooks, job } = await hooked();
    callbacks.send = async () => {
      await hooks.subscribe(aHook(job, { name, renewedAt: "2026-03-04T05:06:08.000Z" }));
      return answered(410);
    };
    await run();
    expect(hooks.hooks.size).toBe(1);
  });

  it("that is busy, away or mistaken stays", async () => {
    for (const status of [429, 500, 403]) {
      const { run, callbacks, hooks } = await hooked();
      callbacks.reply = answered(status);
      expect([(await run()).kind, hooks.hooks.size]).toEqual(["again", 1]);
    }
  });

  it("that was deleted is not told", async () => {
    const { run, callbacks, hooks, job } = await hooked();
    await hooks.remove(aHook(job, { name }));
    expect([await run(), callbacks.sent]).toEqual([{ kind: "over" }, []]);
  });
});

it("a webhook that answers 404 is told again: its owner may have moved it by mistake", async () => {
  const { run, webhooks } = await arranged();
  webhooks.reply = answered(404);
  expect(await run()).toMatchObject({ kind: "again" });
});

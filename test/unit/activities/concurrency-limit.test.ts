import { callbackBodyWith } from "../../../src/connector/view.ts";
import { expect, it } from "vitest";
import { deliverWebhookWith } from "../../../src/activities/deliver-webhook.ts";
import { FakeClock, MemoryImageStore, MemoryJobStore } from "../../support/fakes.ts";
import { anEndedJob } from "../../support/webhook-jobs.ts";
import {
  FakeCallbacks,
  FakeWebhooks,
  MemoryDeliveryStore,
  MemoryHookStore,
} from "../../support/webhook-fakes.ts";

const most = 8;
const over = { kind: "over" };

/** A receiver that takes POSTs, and answers none of them before it is told to. */
function arranged() {
  const clock = new FakeClock();
  const jobs = new MemoryJobStore();
  const deliveries = new MemoryDeliveryStore();
  const webhooks = new FakeWebhooks();
  const answers: (() => void)[] = [];
  webhooks.send = (message) => {
    webhooks.sent.push(message);
    return new Promise((resolve) => {
      answers.push(() => resolve({ kind: "answered", status: 200, retryAfterMs: 0 }));
    });
  };
  const other = { hooks: new MemoryHookStore(), callbacks: new FakeCallbacks() };
  const callbackBody = callbackBodyWith({ images: new MemoryImageStore([], clock) });
  const deliver = deliverWebhookWith({ jobs, deliveries, webhooks, clock, callbackBody, ...other });
  return {
    ...{ clock, webhooks, answers },
    endOf: async (caller: string) => {
      const job = anEndedJob({ id: `job_${"0".repeat(12)}${caller}${"0".repeat(8)}`, caller });
      await jobs.create({ ...job, id: `${job.id.slice(0, -8)}${String(jobs.jobs.size).padStart(8, "0")}` });
      const { id: jobId } = [...jobs.jobs.values()].at(-1) ?? job;
      const createdAt = clock.now().toISOString();
      const next = { attempt: 1, at: createdAt };
      const event = "job.succeeded" as const;
      await deliveries.open({ jobId, event, status: "pending", round: 1, createdAt, next });
      const emitted = deliver({ jobId, round: 1, attempt: 1 });
      // The turn below is long enough for it to fail while nobody is waiting for it yet.
      emitted.catch(() => undefined);
      await new Promise(setImmediate);
      return { emitted, again: () => deliver({ jobId, round: 1, attempt: 1 }) };
    },
  };
}

const one = "1".repeat(12);
const another = "2".repeat(12);

it("receivers that never answer keep a part of the instance busy, and nobody else's deliveries waiting", async () => {
  const { endOf, webhooks, answers, clock } = arranged();
  const held = await Promise.all(Array.from({ length: most }, () => endOf(one)));
  const late = await endOf(one);
  const later = await endOf(one);
  const now = clock.now().getTime();
  // Behind one another, so that they don't all come back at once; and it was no try.
  expect(await late.emitted).toEqual({ kind: "again", attempt: 1, at: now + 1_000 });
  expect(await later.emitted).toEqual({ kind: "again", attempt: 1, at: now + 1_250 });
  expect(webhooks.sent).toHaveLength(most);

  const elsewhere = await endOf(another);
  expect(webhooks.sent).toHaveLength(most + 1);
  answers.at(-1)?.();
  expect(await elsewhere.emitted).toEqual(over);

  answers[0]?.();
  expect(await held[0]?.emitted).toEqual(over);
  const room = late.again();
  await new Promise(setImmediate);
  expect(webhooks.sent).toHaveLength(most + 2);
  for (const answer of answers) answer();
  expect(await Promise.all([room, ...held.map(({ emitted }) => emitted)])).toEqual(
    Array.from({ length: most + 1 }, () => over),
  );
});

it("a delivery that broke off leaves its place to the next", async () => {
  const { endOf, webhooks } = arranged();
  webhooks.send = () => Promise.reject(new Error("storage is away"));
  for (let round = 0; round < most + 2; round += 1) {
    const { emitted } = await endOf(one);
    await expect(emitted).rejects.toThrow("storage is away");
  }
});

import { callbackBodyWith } from "../../src/connector/view.ts";
import { randomBytes } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createVirtualClock,
  type VirtualClock,
} from "../../packages/functions-host/src/durable/virtual-clock.ts";
import { deliverWebhookWith } from "../../src/activities/deliver-webhook.ts";
import { notifyCompletionWith } from "../../src/activities/notify-completion.ts";
import { type DeliverStep, type DeliveryInput, orchestrations, steps } from "../../src/contracts/workflow.ts";
import { deliveryIdOf, tryOffsetsMs } from "../../src/domain/webhook.ts";
import { webhookDelivery } from "../../src/orchestrations/webhook-delivery.ts";
import { plainCallbacks } from "../../src/adapters/net/checked-post.ts";
import { signedWebhooks } from "../../src/adapters/net/signed-webhooks.ts";
import type { DeliveryStore } from "../../src/ports/deliveries.ts";
import type { JobStore } from "../../src/ports/jobs.ts";
import { tableDeliveryStore } from "../../src/adapters/storage/delivery-store.ts";
import { tableHookStore } from "../../src/adapters/storage/hook-store.ts";
import { blobImageStore } from "../../src/adapters/storage/image-store.ts";
import { linkMakers } from "../../src/adapters/storage/links.ts";
import { tableJobStore } from "../../src/adapters/storage/job-store.ts";
import { aContext } from "../support/http.ts";
import { useAzurite } from "../support/storage.ts";
import { anEndedJob, aWebhookRequest } from "../support/webhook-jobs.ts";
import { type Received, signedHeaders, WebhookReceiver } from "../support/webhook-receiver.ts";
import { taskHub } from "../../packages/functions-host/test/unit/durable/orchestration.ts";
import { cipher } from "../support/cipher.ts";

/**
 * A day of trouble in virtual time: the real orchestration on the real SDK, the real steps, the real sender, real storage,
 * and a real receiver that is away. Only waiting is skipped.
 */
const secret = `whsec_${randomBytes(24).toString("base64")}`;
const day = 24 * 3_600_000;
const azurite = useAzurite();
let jobs: JobStore;
let deliveries: DeliveryStore;
const receiver = new WebhookReceiver();
beforeAll(async () => {
  const { tables } = azurite.clients();
  jobs = tableJobStore(tables);
  deliveries = tableDeliveryStore(tables);
  await receiver.listen();
});
afterAll(() => receiver.close());

/** Begins the deliveries of so many ended jobs, a day before now, so that the last try is signed about now. */
async function deliverAll(count: number, before: (step: DeliverStep, sinceStart: number) => Promise<void>) {
  receiver.received.length = 0;
  const startedAt = Date.now() - day;
  const virtual: VirtualClock = createVirtualClock(startedAt);
  const clock = { now: () => new Date(virtual.now()) };
  const webhooks = signedWebhooks({
    secrets: new Map([["key:phone", [secret]]]),
    allowlist: [receiver.origin],
    clock,
  });
  const { blobs, tables } = azurite.clients();
  const hooks = tableHookStore(tables);
  const deliver = deliverWebhookWith({
    ...{ jobs, deliveries, webhooks, clock, hooks },
    callbacks: plainCallbacks({ allowlist: [receiver.origin], clock }),
    callbackBody: callbackBodyWith({
      images: blobImageStore(blobs, linkMakers(blobs, 24, clock).makeLink, cipher),
    }),
  });
  const hub = taskHub({
    clock: virtual,
    orchestrators: { [orchestrations.webhookDelivery]: webhookDelivery },
    activities: {
      [steps.deliverWebhook.name]: async (input: unknown) => {
        await before(input as DeliverStep, virtual.now() - startedAt);
        return deliver(input as DeliverStep);
      },
    },
  });
  const instanceOf = ({ jobId, round }: DeliveryInput) => `${deliveryIdOf(jobId)}-${round}`;
  const deliveryRunner = () => ({
    async start({ jobId, round }: DeliveryInput) {
      hub.engine.start(orchestrations.webhookDelivery, { jobId, round }, instanceOf({ jobId, round }));
    },
    async purge(round: DeliveryInput) {
      hub.engine.purge(instanceOf(round));
    },
  });
  const notifyCompletion = notifyCompletionWith({ jobs, deliveries, hooks, clock, deliveryRunner });
  const all = Array.from({ length: count }, () =>
    anEndedJob({ webhook: aWebhookRequest({ url: `${receiver.origin}/hook?token=s3cret` }) }),
  );
  for (const job of all) {
    await jobs.create(job);
    await notifyCompletion({ jobId: job.id }, aContext());
  }
  for (const { id } of all) {
    const { runtimeStatus } = await hub.finish(instanceOf({ jobId: id, round: 1 }));
    expect(runtimeStatus).toBe("Completed");
  }
  return { all, hub, instanceOf };
}

/** By recomputing: a verifier would refuse what was signed hours ago, as it must. */
function isSigned(received: Received): boolean {
  const headers = signedHeaders(received);
  const at = new Date(Number(headers["webhook-timestamp"]) * 1_000);
  return (
    headers["webhook-signature"] === new Webhook(secret).sign(headers["webhook-id"] ?? "", at, received.body)
  );
}

describe("a receiver that is away for a day", () => {
  it("is told of every end once it is back: none lost, none unsigned, none told twice", async () => {
    await receiver.close();
    let opening: Promise<void> | undefined;
    // As many as one caller's share of an instance: none waits for another.
    const { all } = await deliverAll(8, async (_step, sinceStart) => {
      // Back within the hour before the last try of each.
      if (sinceStart >= day - 3_600_000) await (opening ??= receiver.listen());
    });
    const notified = receiver.received.map(
      ({ body }) => (JSON.parse(body) as { data: { id: string } }).data.id,
    );
    expect(notified.toSorted()).toEqual(all.map(({ id }) => id).sort());
    for (const received of receiver.received)
      expect(new Webhook(secret).verify(received.body, signedHeaders(received))).toBeTruthy();
    for (const { id } of all) {
      expect(await deliveries.read(id)).toMatchObject({ status: "delivered", round: 1 });
      const attempts = await deliveries.readAttempts(id);
      expect(attempts.map(({ status }) => status)).toEqual([...Array<undefined>(9).fill(undefined), 204]);
      const first = Date.parse(attempts[0]?.at ?? "");
      // To the second: a refused connection takes its own time, which isn't virtual.
      const offsets = attempts.map(({ at }) => Math.round((Date.parse(at) - first) / 1_000) * 1_000);
      expect(offsets).toEqual(tryOffsetsMs);
    }
  });

  it("but answers all the time is told ten times under one id, each signed for its own time", async () => {
    receiver.answer = (_received, response) => response.writeHead(503).end();
    const { all } = await deliverAll(2, async (step) => {
      if (step.attempt === 10) receiver.answer = (_received, response) => response.writeHead(200).end();
    });
    expect(receiver.received).toHaveLength(20);
    expect(receiver.received.filter((received) => !isSigned(received))).toEqual([]);
    for (const { id } of all) {
      const mine = receiver.received.filter(({ headers }) => headers["webhook-id"] === deliveryIdOf(id));
      expect(mine).toHaveLength(10);
      expect(new Set(mine.map(({ headers }) => headers["webhook-timestamp"])).size).toBe(10);
      expect(new Set(mine.map(({ body }) => body)).size).toBe(1);
      expect(await deliveries.read(id)).toMatchObject({ status: "delivered" });
    }
  });

  it("and longer is given up after ten tries, which stay to be read", async () => {
    receiver.answer = (_received, response) => response.writeHead(500).end();
    const { all } = await deliverAll(1, async () => undefined);
    const id = all[0]?.id ?? "";
    expect(await deliveries.read(id)).toMatchObject({ status: "failed" });
    expect(await deliveries.readAttempts(id)).toHaveLength(10);
    expect(receiver.received).toHaveLength(10);
  });
});

describe("a receiver that answers", () => {
  it("410 is asked no more", async () => {
    receiver.answer = (_received, response) => response.writeHead(410).end();
    const { all } = await deliverAll(1, async () => undefined);
    expect(await deliveries.read(all[0]?.id ?? "")).toMatchObject({ status: "disabled" });
    expect(receiver.received).toHaveLength(1);
  });

  it("302 is told again, where it was told before and nowhere else", async () => {
    const location = `${receiver.origin}/elsewhere`;
    receiver.answer = (_received, response, count) =>
      response.writeHead(count === 1 ? 302 : 204, { location }).end();
    const { all } = await deliverAll(1, async () => undefined);
    expect(receiver.received.map(({ path }) => path)).toEqual(["/hook?token=s3cret", "/hook?token=s3cret"]);
    expect(await deliveries.readAttempts(all[0]?.id ?? "")).toMatchObject([
      { status: 302, failure: "The receiver answered 302; redirects aren't followed." },
      { status: 204 },
    ]);
  });

  it("429 is given the pause that it asks for", async () => {
    receiver.answer = (_received, response, count) =>
      response.writeHead(count === 1 ? 429 : 200, { "retry-after": "7200" }).end();
    const { all } = await deliverAll(1, async () => undefined);
    const [first, second, ...more] = (await deliveries.readAttempts(all[0]?.id ?? "")).map(({ at }) =>
      Date.parse(at),
    );
    expect(more).toEqual([]);
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(7_200_000);
  });
});

it("a history holds neither address nor secret nor prompt", async () => {
  receiver.answer = (_received, response, count) => response.writeHead(count < 3 ? 500 : 200).end();
  const { all, hub, instanceOf } = await deliverAll(1, async () => undefined);
  const history = JSON.stringify(hub.engine.history(instanceOf({ jobId: all[0]?.id ?? "", round: 1 })));
  expect(history).toContain(all[0]?.id);
  for (const canary of ["s3cret", "127.0.0.1", "http", "whsec", "a cat"])
    expect(history).not.toContain(canary);
});

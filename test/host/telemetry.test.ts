import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { DeliveryList } from "../../src/contracts/deliveries.ts";
import type { OtlpSpan } from "../../local/trace/otlp-types.ts";
import { skipWhenAimed } from "../support/aim.ts";
import { LiveDarkroom } from "../support/darkroom.ts";
import { exportsSoon } from "../support/listener.ts";
import { WebhookReceiver } from "../support/webhook-receiver.ts";

/** What a collector hears of the whole stack: the app tells, on its host, over sockets. */

skipWhenAimed("listens to a host that was started so that it tells this machine");

const darkroom = new LiveDarkroom();
const { listener } = darkroom;
const receiver = new WebhookReceiver();

beforeAll(async () => {
  await receiver.listen();
  const settings = { ...exportsSoon, URL_ALLOWLIST: receiver.origin };
  await darkroom.start({ settings, simulatorArgs: ["--latency-scale", "0.02"] });
});
afterAll(async () => {
  await darkroom.stop();
  await receiver.close();
});

const named = (spans: OtlpSpan[], name: string) => spans.filter((span) => span.name === name);
const sole = (spans: OtlpSpan[], name: string): OtlpSpan => {
  const [span, ...more] = named(spans, name);
  if (!span || more.length > 0) throw new Error(`${more.length + 1} spans ${name}`);
  return span;
};
const aTrace = () => {
  const [traceId, spanId] = [randomBytes(16).toString("hex"), randomBytes(8).toString("hex")];
  return { traceId, spanId, headers: { traceparent: `00-${traceId}-${spanId}-01` } };
};

it("a DALL-E 3 job of four images is one trace, from its caller's request over four calls to the webhook that tells of it", async () => {
  const client = aTrace();
  const imageParams = { model: "dall-e-3", n: 4, prompt: "four", webhook_url: `${receiver.origin}/four` };
  const accepted = await darkroom.post(imageParams, client.headers);
  const requestId = accepted.headers.get("x-request-id");
  const { id } = (await accepted.json()) as { id: string };
  const spans = await listener.trace(
    client.traceId,
    (trace) =>
      named(trace, "deliver-webhook").length === 1 && named(trace, "make-all-thumbnails").length === 1,
  );

  const request = sole(spans, "POST /api/images/generations");
  const job = sole(spans, "job");
  // Of the host, which stands between the client and us.
  const hostsSpan = request.parentId ?? "";
  expect(hostsSpan).toMatch(/^[0-9a-f]{16}$/);
  expect(hostsSpan).not.toBe(client.spanId);
  expect(request).toMatchObject({
    attributes: { "http.response.status_code": 202, "darkroom.job_id": id, "darkroom.request_id": requestId },
  });
  expect(job).toMatchObject({
    parentId: request.spanId,
    attributes: {
      "darkroom.outcome": "succeeded",
      "darkroom.request_id": requestId,
      "darkroom.slots.wanted": 4,
      "darkroom.slots.stored": 4,
      "darkroom.slots.failed": 0,
    },
  });
  const calls = named(spans, "render-images");
  expect(calls.map(({ parentId }) => parentId)).toEqual(Array(4).fill(job.spanId));
  const requests = named(spans, "upstream render");
  // Images are stored while their reply is read.
  for (const [name, parents, attributes] of [
    ["upstream render", calls, { "darkroom.outcome": "images", "darkroom.images": 1 }],
    ["store image", requests, {}],
  ] as const) {
    const within = named(spans, name);
    expect(within.map(({ parentId }) => parentId).sort()).toEqual(parents.map(({ spanId }) => spanId).sort());
    for (const span of within)
      expect(span.attributes).toMatchObject({
        ...attributes,
        "darkroom.job_id": id,
        "darkroom.deployment": "dalle3",
      });
  }
  const delivery = sole(spans, "deliver-webhook");
  expect(delivery.parentId).toBe(job.spanId);
  expect(sole(spans, "deliver webhook")).toMatchObject({
    parentId: delivery.spanId,
    attributes: { "http.response.status_code": 204 },
  });
  // Nothing hangs in the air, nothing failed, and orchestrators, which are replayed, say nothing.
  const ids = new Set([hostsSpan, ...spans.map(({ spanId }) => spanId)]);
  expect(spans.filter(({ parentId = "" }) => !ids.has(parentId))).toEqual([]);
  expect(spans.filter(({ isError }) => isError)).toEqual([]);
  expect(
    spans.map(({ name }) => name).filter((name) => /^(image-job|run-batch|webhook-delivery)$/.test(name)),
  ).toEqual([]);
  expect(darkroom.log).toMatch(
    new RegExp(`job ${id} succeeded: 4 of 4 images, 0 failed, [\\d.]+ s, request ${requestId ?? ""}\n`),
  );
});

it("numbers are those of what happened: one job, four images, four calls, their bytes, one delivery", async () => {
  await listener.reaches("darkroom.deliveries", 1);
  await listener.reaches("darkroom.jobs", 1);
  const dalle3 = { model: "dall-e-3", deployment: "dalle3" };
  expect(listener.total("darkroom.jobs", { ...dalle3, kind: "generation", outcome: "succeeded" })).toBe(1);
  expect(listener.total("darkroom.images", { ...dalle3, outcome: "stored" })).toBe(4);
  expect(listener.total("darkroom.images", { outcome: "failed" })).toBe(0);
  expect(
    listener.total("darkroom.upstream.calls", { ...dalle3, operation: "render", outcome: "images" }),
  ).toBe(4);
  expect(listener.count("darkroom.upstream.duration", dalle3)).toBe(4);
  expect(listener.total("darkroom.upstream.throttled")).toBe(0);
  expect(listener.count("darkroom.job.queue.duration", dalle3)).toBe(1);
  expect(listener.count("darkroom.job.duration", dalle3)).toBe(1);
  expect(listener.total("darkroom.deliveries", { outcome: "delivered" })).toBe(1);
  const written = named(listener.spans, "store image").map(({ attributes }) =>
    Number(attributes["darkroom.bytes"]),
  );
  expect(listener.total("darkroom.stored", { content: "image" })).toBe(
    written.reduce((sum, bytes) => sum + bytes, 0),
  );
});

it("a 429 counts as a call and as throttled; a refusal and an end by cancelation are told as such", async () => {
  await darkroom.run({ model: "dall-e-3", prompt: "[[429=1 times=1]]" });
  await darkroom.run({ model: "dall-e-3", prompt: "[[refuse]]" });
  await listener.reaches("darkroom.jobs", 3);
  expect(listener.total("darkroom.upstream.throttled", { model: "dall-e-3" })).toBe(1);
  expect(listener.total("darkroom.upstream.calls", { outcome: "throttled" })).toBe(1);
  expect(listener.total("darkroom.upstream.calls", { outcome: "refused" })).toBe(1);
  expect(listener.total("darkroom.jobs", { outcome: "failed" })).toBe(1);
  const refused = () =>
    listener.spans.find(
      ({ name, attributes }) => name === "job" && attributes["darkroom.outcome"] === "failed",
    );
  // Spans are exported apart from metrics.
  await expect.poll(refused, { timeout: 30_000 }).toBeDefined();
  expect(refused()).toMatchObject({ isError: true, attributes: { "error.type": "contentFilter" } });
});

it("tokens are counted where the service tells them", async () => {
  const job = await darkroom.run({ model: "gpt-image-1", prompt: "tokens" });
  await listener.reaches("darkroom.jobs", 1, { model: "gpt-image-1" });
  expect(job.usage?.output_tokens).toBeGreaterThan(0);
  expect(listener.total("darkroom.tokens", { direction: "input" })).toBe(job.usage?.input_tokens);
  expect(listener.total("darkroom.tokens", { direction: "output" })).toBe(job.usage?.output_tokens);
});

it("a webhook that is asked for anew is told in its job's trace, and leads to the request that asked", async () => {
  const [first, second] = [aTrace(), aTrace()];
  const imageParams = { model: "dall-e-3", prompt: "anew", webhook_url: `${receiver.origin}/anew` };
  const { id } = (await (await darkroom.post(imageParams, first.headers)).json()) as { id: string };
  await listener.trace(first.traceId, (trace) => named(trace, "deliver-webhook").length === 1);
  const { deliveries } = (await (await darkroom.fetch(`/api/jobs/${id}/deliveries`)).json()) as DeliveryList;
  const path = `/api/jobs/${id}/deliveries/${deliveries[0]?.id ?? ""}/redeliver`;
  expect((await darkroom.fetch(path, { method: "POST", headers: second.headers })).status).toBe(202);
  const trace = await listener.trace(first.traceId, (spans) => named(spans, "deliver-webhook").length === 2);
  const redeliver = "POST /api/jobs/{id}/deliveries/{delivery_id}/redeliver";
  const asked = await listener.trace(second.traceId, (spans) => named(spans, redeliver).length > 0);
  expect(named(asked, "store attempt")).toEqual([]);
  const request = sole(asked, redeliver);
  expect(named(trace, "deliver-webhook").map(({ links }) => links)).toEqual([
    [],
    [`${second.traceId}-${request.spanId}`],
  ]);
});

import { expect, it } from "vitest";
import type { DeliveryStore, Webhooks } from "../../../../src/ports/deliveries.ts";
import type { ImageModel } from "../../../../src/ports/image-model.ts";
import type { ImageStore } from "../../../../src/ports/images.ts";
import type { UploadStore } from "../../../../src/ports/inputs.ts";
import { observedModels } from "../../../../src/adapters/telemetry/observed-models.ts";
import {
  observedCallbacks,
  observedDeliveries,
  observedImages,
  observedUploads,
  observedWebhooks,
} from "../../../../src/adapters/telemetry/observed-stores.ts";
import { aJob } from "../../../support/jobs.ts";
import { HeardTelemetry } from "../../../support/telemetry.ts";

const { request } = aJob();
const signal = new AbortController().signal;

function models(replies: Partial<Record<keyof ImageModel, () => Promise<unknown>>>) {
  const telemetry = new HeardTelemetry();
  const observed = observedModels(
    { at: () => replies as unknown as ImageModel },
    { telemetry, modelOf: (deployment) => `model-of-${deployment}` },
  );
  return { telemetry, model: observed.at("d") };
}

const listener = { onImage: async () => undefined };
const place = { model: "model-of-d", deployment: "d" };

it("each request to the service is a span, counted and timed by what came of it", async () => {
  const { telemetry, model } = models({
    render: async () => ({ kind: "images", items: [] }),
    edit: async () => ({ kind: "refused" }),
    submit: async () => ({ kind: "submitted" }),
    poll: async () => ({ kind: "pending" }),
    discard: async () => ({ kind: "gone" }),
  });
  await model.render(request, 3, signal, listener);
  await model.edit(request, { images: [] }, 2, signal, listener);
  await model.submit(request, 1, "id", signal, listener);
  await model.poll(request, "operation", 0, signal, listener);
  await model.discard("operation", signal);
  expect(
    telemetry.spans.map(({ name, attributes }) => [
      name,
      attributes["darkroom.images"],
      attributes["darkroom.outcome"],
    ]),
  ).toEqual([
    ["upstream render", 3, "images"],
    ["upstream edit", 2, "refused"],
    ["upstream submit", 1, "submitted"],
    ["upstream poll", undefined, "pending"],
    ["upstream discard", undefined, "gone"],
  ]);
  const calls = telemetry.heard("darkroom.upstream.calls");
  expect(calls[0]).toEqual({ value: 1, operation: "render", outcome: "images", ...place });
  expect(calls.map(({ operation }) => operation)).toEqual(["render", "edit", "submit", "poll", "discard"]);
  expect(telemetry.heard("darkroom.upstream.duration")).toHaveLength(5);
  expect(telemetry.heard("darkroom.upstream.throttled")).toEqual([]);
});

it("a 429 is a call, and counted as throttled too", async () => {
  const { telemetry, model } = models({ render: async () => ({ kind: "throttled", retryAfterMs: 1 }) });
  await model.render(request, 1, signal, listener);
  expect(telemetry.heard("darkroom.upstream.calls")).toMatchObject([{ outcome: "throttled" }]);
  expect(telemetry.heard("darkroom.upstream.throttled")).toEqual([
    { value: 1, operation: "render", ...place },
  ]);
});

it("a request that was broken off is counted as an error and thrown on", async () => {
  const failure = new Error("no");
  const { telemetry, model } = models({ render: () => Promise.reject(failure) });
  await expect(model.render(request, 1, signal, listener)).rejects.toBe(failure);
  expect(telemetry.heard("darkroom.upstream.calls")).toMatchObject([{ value: 1, outcome: "error" }]);
  expect(telemetry.heard("darkroom.upstream.duration")).toMatchObject([{ outcome: "error" }]);
});

it("tokens are counted as the service tells them", async () => {
  const usage = { input_tokens: 7, output_tokens: 11, total_tokens: 18 };
  const { telemetry, model } = models({ render: async () => ({ kind: "images", items: [], usage }) });
  await model.render(request, 1, signal, listener);
  expect(telemetry.heard("darkroom.tokens")).toEqual([
    { value: 7, direction: "input", ...place },
    { value: 11, direction: "output", ...place },
  ]);
});

it("no span of the service's holds the prompt", async () => {
  const { telemetry, model } = models({ render: async () => ({ kind: "images", items: [] }) });
  await model.render({ ...request, prompt: "canary-prompt" }, 1, signal, listener);
  expect(JSON.stringify([telemetry.spans, telemetry.numbers])).not.toContain("canary-prompt");
});

it("bytes of images are counted by what they are, when they were written", async () => {
  const telemetry = new HeardTelemetry();
  let isFree = true;
  const store = { put: async () => isFree } as unknown as ImageStore;
  const images = observedImages(store, telemetry);
  const facts = { contentType: "image/png" };
  await images.put("job/0.webp", Buffer.alloc(10), facts);
  await images.put("job/0.256.webp", Buffer.alloc(20), facts);
  await images.put("job/partial/0-1.png", Buffer.alloc(30), facts);
  isFree = false;
  expect(await images.put("job/0.webp", Buffer.alloc(40), facts)).toBe(false);
  expect(telemetry.heard("darkroom.stored")).toEqual([
    { value: 10, content: "image" },
    { value: 20, content: "thumbnail" },
    { value: 30, content: "partial" },
  ]);
  expect(telemetry.spans.map(({ name }) => name)).toEqual([
    "store image",
    "store thumbnail",
    "store partial",
    "store image",
  ]);
  expect(JSON.stringify(telemetry.spans)).not.toContain("job/");
});

it("bytes of an upload are counted as they flow, when it was written", async () => {
  const telemetry = new HeardTelemetry();
  let isFree = true;
  const store = {
    write: async (_blob: string, bytes: AsyncIterable<Uint8Array>) => {
      let size = 0;
      for await (const chunk of bytes) size += chunk.byteLength;
      return isFree && size > 0;
    },
  } as unknown as UploadStore;
  async function* bytes() {
    yield Buffer.alloc(3);
    yield await Promise.resolve(Buffer.alloc(4));
  }
  const uploads = observedUploads(store, telemetry);
  expect(await uploads.write("u", bytes())).toBe(true);
  isFree = false;
  expect(await uploads.write("u", bytes())).toBe(false);
  expect(telemetry.heard("darkroom.stored")).toEqual([{ value: 7, content: "upload" }]);
  expect(telemetry.spans).toMatchObject([{ name: "store upload", attributes: { "darkroom.bytes": 7 } }, {}]);
});

it("so is a callback's", async () => {
  const telemetry = new HeardTelemetry();
  const reply = { kind: "answered", status: 202, retryAfterMs: 0 } as const;
  const callbacks = observedCallbacks({ check: async () => undefined, send: async () => reply }, telemetry);
  expect(await callbacks.send({ url: "https://canary.example/?key=1", body: "canary-body" })).toBe(reply);
  expect(telemetry.spans).toMatchObject([
    { name: "deliver callback", attributes: { "http.response.status_code": 202 } },
  ]);
  expect(JSON.stringify(telemetry.spans)).not.toContain("canary");
});

it("a webhook's POST is a span with its status and without its address", async () => {
  const telemetry = new HeardTelemetry();
  const replies = [
    { kind: "answered", status: 204, retryAfterMs: undefined },
    { kind: "unanswered", reason: "a reason" },
  ];
  const webhooks = observedWebhooks({ send: async () => replies.shift() } as unknown as Webhooks, telemetry);
  const message = {
    caller: "canary-caller",
    url: "https://canary.example/?key=1",
    id: "i",
    body: "canary-body",
  };
  await webhooks.send(message);
  await webhooks.send(message);
  expect(telemetry.spans).toMatchObject([
    { name: "deliver webhook", attributes: { "http.response.status_code": 204 } },
    { name: "deliver webhook", failure: "unanswered" },
  ]);
  expect(JSON.stringify(telemetry.spans)).not.toMatch(/canary|a reason/);
});

it("deliveries are counted by what came of each POST", async () => {
  const telemetry = new HeardTelemetry();
  const deliveries = observedDeliveries(
    { record: async () => undefined } as unknown as DeliveryStore,
    telemetry,
  );
  const delivery = { jobId: "j", event: "job.succeeded", round: 1, createdAt: "" } as const;
  const attempt = { round: 1, attempt: 1, at: "", durationMs: 1 };
  for (const status of ["pending", "delivered", "failed", "disabled"] as const)
    await deliveries.record({ ...delivery, status }, attempt);
  await deliveries.record({ ...delivery, status: "delivered", target: "hook_canary" }, attempt);
  expect(JSON.stringify(telemetry.numbers)).not.toContain("canary");
  expect(telemetry.heard("darkroom.deliveries").map(({ outcome, target }) => [outcome, target])).toEqual([
    ["again", "webhook"],
    ["delivered", "webhook"],
    ["failed", "webhook"],
    ["disabled", "webhook"],
    ["delivered", "hook"],
  ]);
});

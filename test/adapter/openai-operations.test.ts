import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { ImageRequest } from "../../src/domain/image-request.ts";
import { imagesOf, never, useSimulator } from "../support/image-service.ts";
import { useScriptedService } from "../support/scripted-service.ts";
import { aPng } from "../support/pictures.ts";

const { modelAt } = useSimulator();
const scripted = useScriptedService();

const request: ImageRequest = { prompt: "a fox that nobody drew before", n: 1, size: "256x256" };
const operation = "/openai/operations/images/op1?api-version=2023-06-01-preview";
const b64_json = Buffer.from(aPng(256, 256, 1)).toString("base64");
const picture = { b64_json };

const answer = (status: number, body: object | string, ...headers: string[]) => {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const lines = [`HTTP/1.1 ${status} Odd`, ...headers, `content-length: ${Buffer.byteLength(text)}`];
  return [...lines, "connection: close", "", text].join("\r\n");
};

async function ask(bytes: string) {
  const service = await scripted(() => ({ bytes: [bytes], close: true }));
  const model = modelAt("dall-e-2", { endpoint: service.url });
  return { model, requests: service.requests };
}

const submit = async (bytes: string) => {
  const { model } = await ask(bytes);
  return model.submit(request, 1, randomUUID(), never);
};
const poll = async (bytes: string, wanted = [0], ageMs?: number) => {
  const { model } = await ask(bytes);
  return model.poll(request, operation, wanted, never, ageMs);
};

describe("a submit", () => {
  const submitted = { kind: "submitted", operation, retryAfterMs: 2_000 };
  const place = `http://127.0.0.1:9${operation}`;

  it.each([
    ["without an address, but with an id", answer(202, { id: "op1", status: "notRunning" }), submitted],
    ["with a quoted address", answer(202, {}, `operation-location: "${place}"`), submitted],
    [
      "with its address twice",
      answer(202, {}, `operation-location: ${place}`, `operation-location: ${place}`),
      submitted,
    ],
    ["whose address is none", answer(202, { id: "op1" }, "operation-location: n/a"), submitted],
    [
      "that names its wait",
      answer(202, { id: "op1" }, "retry-after: 7"),
      { ...submitted, retryAfterMs: 7_000 },
    ],
    [
      "that brings images at once",
      answer(200, { data: [picture] }),
      { kind: "images", items: [{ kind: "image" }] },
    ],
    [
      "that brings an operation's images",
      answer(200, { id: "op1", status: "succeeded", result: { data: [picture] } }),
      { kind: "images" },
    ],
    ["with an error in a 200", answer(200, { error: { code: "429" } }), { kind: "throttled" }],
    ["that is refused", answer(400, { error: { code: "contentFilter" } }), { kind: "refused" }],
    [
      "that is too early for its resource",
      answer(404, { error: { code: "DeploymentNotFound" } }),
      { kind: "unavailable" },
    ],
  ])("%s is understood", async (_what, bytes, expected) => {
    expect(await submit(bytes)).toMatchObject(expected);
  });

  it.each([
    ["neither address nor id", answer(202, {})],
    ["an id that is a path", answer(202, { id: "../../steal" })],
    ["no JSON", answer(202, "<p>Accepted</p>")],
  ])("with %s makes no sense", async (_what, bytes) => {
    await expect(submit(bytes)).rejects.toMatchObject({ code: "upstreamUnavailable" });
  });
});

describe("a poll", () => {
  const pending = { kind: "pending" };
  const later = { kind: "unavailable", mayBeBilled: false, patienceMs: 600_000 };
  const images = { kind: "images", items: [{ kind: "image" }] };
  const lost = (code: string) => ({ kind: "images", items: [{ kind: "lost", failure: { code } }] });
  const filtered = { content_filter_results: { violence: { filtered: true } } };

  it.each<[string, string, object]>([
    [
      "of a running operation",
      answer(200, { status: "running" }, "retry-after: 3"),
      { ...pending, retryAfterMs: 3_000 },
    ],
    ["with a word that nobody knows", answer(200, { status: "dreaming" }), pending],
    ["with images inline", answer(200, { status: "succeeded", result: { data: [picture] } }), images],
    ["with images of the other shape", answer(200, { status: "succeeded", data: [picture] }), images],
    ["without a status, with images", answer(200, { result: { data: [picture] } }), images],
    ["with an unknown status and images", answer(200, { status: "Ready", data: [picture] }), images],
    [
      "of another content type",
      answer(200, { status: "succeeded", data: [picture] }, "content-type: text/plain"),
      images,
    ],
    [
      "with a blank error beside its image",
      answer(200, { status: "succeeded", data: [{ ...picture, error: {} }] }),
      images,
    ],
    ["with an image and an odd entry", answer(200, { status: "succeeded", data: [picture, "odd"] }), images],
    [
      "whose image was refused",
      answer(200, { status: "succeeded", data: [{ error: { code: "contentFilter" } }] }),
      lost("contentFilter"),
    ],
    [
      "whose image was filtered",
      answer(200, { status: "succeeded", data: [{ ...filtered, url: null }] }),
      lost("contentFilter"),
    ],
    [
      "whose images were all filtered",
      answer(200, { status: "succeeded", data: [], ...filtered }),
      { kind: "refused" },
    ],
    [
      "of a failure",
      answer(200, { status: "failed", error: { code: "internal", message: "no paint" } }),
      {
        kind: "rejected",
        failure: { message: "The service's operation ended as failed: internal: no paint" },
      },
    ],
    ["of a failure without a reason", answer(200, { status: "canceled" }), { kind: "rejected" }],
    [
      "of a nested refusal",
      answer(200, { status: "failed", error: { code: "x", details: [{ code: "content_filter" }] } }),
      { kind: "refused" },
    ],
    [
      "of an exhausted account",
      answer(200, { status: "failed", error: { type: "insufficient_quota", code: null } }),
      { kind: "accountBlocked" },
    ],
    ["with a 429 in a 200", answer(200, { error: { code: 429 } }), { kind: "throttled" }],
    ["that is throttled", answer(429, {}, "retry-after: 5"), { kind: "throttled", retryAfterMs: 5_000 }],
    ["that finds nobody", answer(503, {}), { kind: "unavailable", mayBeBilled: false }],
    [
      "that breaks at a gateway with a wait",
      answer(502, {}, "retry-after: 2"),
      { kind: "unavailable", mayBeBilled: false, retryAfterMs: 2_000 },
    ],
    ["that breaks at a gateway", answer(502, "<p>no</p>"), later],
    ["that is turned away", answer(401, {}), later],
    ["that is a page", answer(200, "<p>hello</p>"), later],
    ["that says nothing", answer(200, {}), later],
    ["that is cut", "HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{", later],
    [
      "of an operation that isn't known yet",
      answer(404, { error: { code: "notFound", message: "Task not found." } }),
      pending,
    ],
    ["of one that is gone", answer(410, {}), pending],
    ["that comes too early", answer(425, {}), pending],
  ])("%s is understood", async (_what, bytes, expected) => {
    expect(await poll(bytes)).toMatchObject(expected);
  });

  it.each([404, 410, 425])(
    "answered %i waits while its operation is young, and gives it up then",
    async (status) => {
      expect(await poll(answer(status, {}), [0], 119_999)).toMatchObject(pending);
      expect(await poll(answer(status, {}), [0], 120_000)).toMatchObject({
        kind: "unavailable",
        mayBeBilled: false,
        patienceMs: 120_000,
        failure: { message: expect.stringContaining("no longer knows") as string },
      });
    },
  );

  it("brings no position but the wanted ones", async () => {
    const body = { status: "succeeded", data: [{ error: { code: "contentFilter" } }, picture] };
    expect(imagesOf(await poll(answer(200, body), [1]))).toMatchObject([{ kind: "image" }]);
  });

  it("never repeats the prompt", async () => {
    const error = { code: "bad", message: `Can't draw "${request.prompt}".` };
    const reply = await poll(answer(200, { status: "failed", error }));
    expect(JSON.stringify(reply)).not.toContain("fox");
  });
});

import { expect, it } from "vitest";
import { errorInfo } from "../../../src/domain/app-error.ts";
import type { App } from "../../support/app.ts";
import { aDialect } from "../../support/dialect.ts";
import { onlyJob } from "../../support/edit-requests.ts";
import { storedSlot } from "../../support/slots.ts";

const imageParams = { model: "gpt-image-1", prompt: "a cat", stream: true, partial_images: 1 };
const at = "2026-03-04T05:06:07.000Z";

interface StreamEvent {
  event: string;
  data: { type: string; b64_json?: string; usage?: object; error?: { code: string; message: string } };
}

/** The stream's events, and how many comments stood between them. */
function read(text: string): { events: StreamEvent[]; comments: number } {
  const blocks = text.split("\n\n").filter((block) => block !== "");
  const events = blocks.flatMap((block) => {
    const [, event = "", data = ""] = /^event: (.*)\ndata: (.*)$/.exec(block) ?? [];
    return event === "" ? [] : [{ event, data: JSON.parse(data) as StreamEvent["data"] }];
  });
  return { events, comments: blocks.filter((block) => block.startsWith(":")).length };
}

async function showPartial(app: App): Promise<void> {
  const { id } = onlyJob(app);
  await app.jobs.advance(id, "running", { startedAt: at });
  await app.images.put("partial", Buffer.from("coarse"), { contentType: "image/png" });
  await app.jobs.append(id, {
    type: "image.partial",
    index: 0,
    step: 0,
    blob: "partial",
    contentType: "image/png",
  });
}

it("tells partial images, and the picture with the job's usage", async () => {
  const { app, responses, generate } = aDialect();
  const usage = { input_tokens: 1, output_tokens: 2, total_tokens: 3 };
  app.runner.start = async ({ id }) => {
    await showPartial(app);
    const slot = storedSlot(0);
    if (slot.state !== "stored") throw new Error("It is a stored one.");
    await app.images.put(slot.blob, Buffer.from("fine"), { contentType: "image/png" });
    await app.jobs.settleSlots(id, [slot]);
    await app.jobs.end(id, async () => ({ end: { status: "succeeded", finishedAt: at, usage }, slots: [] }));
  };
  const answer = await generate({}, imageParams);
  expect([answer.status, answer.headers.get("content-type"), answer.headers.get("x-darkroom-job")]).toEqual([
    200,
    "text/event-stream; charset=utf-8",
    onlyJob(app).id,
  ]);
  const { events } = read(answer.text);
  expect(
    events.map(({ event, data }) => [
      event,
      data.type,
      Buffer.from(data.b64_json ?? "", "base64").toString(),
    ]),
  ).toEqual([
    ["image_generation.partial_image", "image_generation.partial_image", "coarse"],
    ["image_generation.completed", "image_generation.completed", "fine"],
  ]);
  expect(events.map(({ data }) => data.usage)).toEqual([undefined, usage]);
  expect(responses.all).toMatchObject([{ outcome: "delivered" }]);
});

it("ends in a typed error when the job fails in the middle", async () => {
  const { app, responses, generate } = aDialect();
  app.runner.start = async ({ id }) => {
    await showPartial(app);
    const failure = errorInfo("contentFilter", "Not this.");
    await app.jobs.end(id, async () => ({ end: { status: "failed", finishedAt: at, failure }, slots: [] }));
  };
  const { events } = read((await generate({}, imageParams)).text);
  expect(events.map(({ event }) => event)).toEqual(["image_generation.partial_image", "error"]);
  expect(events[1]?.data).toMatchObject({ type: "error", error: { code: "moderation_blocked" } });
  // It was told: anyone who asks again wants another picture.
  expect(responses.all).toMatchObject([{ outcome: "delivered" }]);
});

it("is a plain answer when the job fails before its first picture", async () => {
  const { app, generate } = aDialect();
  app.runner.start = async ({ id }) => {
    const failure = errorInfo("contentFilter", "Not this.");
    await app.jobs.end(id, async () => ({ end: { status: "failed", finishedAt: at, failure }, slots: [] }));
  };
  const answer = await generate({}, imageParams);
  expect([answer.status, answer.json]).toMatchObject([400, { error: { code: "moderation_blocked" } }]);
});

it("says that it is alive, and ends when its time is up, with an error that names the job; the same again joins it", async () => {
  const { app, responses, generate } = aDialect({}, { streams: { heartbeatMs: 20, maxMs: 150 } });
  const { events, comments } = read((await generate({}, imageParams)).text);
  const { id } = onlyJob(app);
  expect(comments).toBeGreaterThan(0);
  expect(events).toMatchObject([{ event: "error", data: { error: { code: "timeout" } } }]);
  expect(events[0]?.data.error?.message).toContain(id);
  expect(responses.all).toMatchObject([{ outcome: "lost" }]);
  await generate({}, imageParams);
  expect(app.jobs.jobs.size).toBe(1);
});

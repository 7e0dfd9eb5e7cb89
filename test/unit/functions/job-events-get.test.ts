import { failedSlots } from "../../../src/activities/store-image.ts";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { errorInfo } from "../../../src/domain/app-error.ts";
import { eventFeeds } from "../../../src/jobs/event-feed.ts";
import { jobEventsGet } from "../../../src/functions/job-events-get.ts";
import type { Connection } from "../../../src/ports/callers.ts";
import { randomJobIds } from "../../../src/adapters/crypto/job-id-maker.ts";
import { hmacResultSigner } from "../../../src/adapters/crypto/result-signer.ts";
import { attentive, FakeClock, MemoryImageStore, MemoryJobStore, noWaits } from "../../support/fakes.ts";
import { aContext, aRequest } from "../../support/http.ts";
import { aJob } from "../../support/jobs.ts";
import { storedSlot } from "../../support/slots.ts";
import { parseMessages } from "../../support/watching.ts";

const caller = "key:phone";

/** A running job of one image and its stream, which says that it is alive every 20 ms and lasts for 10 s. */
async function aStream(
  streams = { heartbeatMs: 20, maxMs: 10_000 },
  { pauseMs = 5, connection }: { pauseMs?: number; connection?: Connection } = {},
) {
  const clock = new FakeClock();
  const diary: string[] = [];
  const jobs = new MemoryJobStore(diary);
  const images = new MemoryImageStore([], clock);
  const job = aJob({ caller, status: "running", request: { prompt: "a cat", n: 1, size: "1024x1024" } });
  await jobs.create(job);
  await jobs.append(job.id, { type: "job.running" });
  const endpoint = jobEventsGet({
    jobs,
    images,
    originOf: ({ url }) => new URL(url).origin,
    ids: randomJobIds(clock),
    signer: hmacResultSigner("a signing key of more than 32 characters", 24, clock),
    waits: noWaits,
    retentionDays: 30,
    feeds: eventFeeds(jobs, pauseMs),
    connections: connection ? { of: () => connection } : attentive,
    streams,
  });
  async function open(query = "", headers = {}) {
    const request = aRequest({ path: `/api/jobs/${job.id}/events${query}`, headers }, endpoint.route);
    const params = { id: job.id };
    const answer = await endpoint.handle({ request, params, caller, requestId: "r", context: aContext() });
    return { status: answer.status, body: answer.body as ReadableStream<Uint8Array> };
  }
  const end = () =>
    jobs.end(job.id, async () => ({
      end: { status: "succeeded", finishedAt: "2026-01-02T03:04:09.000Z" },
      slots: [],
    }));
  const reads = () => diary.filter((operation) => operation === "readEvents").length;
  return { jobs, images, job, open, end, reads };
}

const textOf = (body: ReadableStream) => new Response(body).text();

describe("a stream of events", () => {
  it("tells of images and of the end with all that is known of them", async () => {
    const { jobs, job, open, end } = await aStream();
    await jobs.beginAttempt(job.id, 0, "a1", undefined);
    await jobs.settleCall(job.id, 0, (record) => record, [storedSlot(0)]);
    await end();
    const { body } = await open();
    const messages = parseMessages(await textOf(body));
    expect(messages.map(({ id, name, data }) => [id, name, data.type])).toEqual([
      [1, "job.queued", "job.queued"],
      [2, "job.running", "job.running"],
      [3, "image.succeeded", "image.succeeded"],
      [4, "job.succeeded", "job.succeeded"],
    ]);
    expect(messages[2]?.data).toMatchObject({ index: 0, image: { index: 0, sha256: "ab".repeat(32) } });
    expect(messages[3]?.data.job).toMatchObject({ id: job.id, status: "succeeded", images: [{ index: 0 }] });
  });

  it("says that it is alive while nothing happens, and goes on", async () => {
    const { open, end } = await aStream();
    const { body } = await open();
    const words = new TextDecoder();
    let [text, alive] = ["", 0];
    for await (const word of body) {
      text += words.decode(word);
      alive += text.endsWith(": still here\n\n") ? 1 : 0;
      if (alive === 2) await end();
    }
    expect(alive).toBeGreaterThan(1);
    expect(parseMessages(text).at(-1)?.name).toBe("job.succeeded");
  });

  it("of a job that goes on ends in time, and is resumed where it ended", async () => {
    const { open, end } = await aStream({ heartbeatMs: 1_000, maxMs: 30 });
    const first = parseMessages(await textOf((await open()).body));
    expect(first.map(({ id }) => id)).toEqual([1, 2]);
    await end();
    const rest = parseMessages(await textOf((await open("", { "last-event-id": "2" })).body));
    expect(rest.map(({ id }) => id)).toEqual([3]);
    expect((await open("", { "last-event-id": "3" })).status).toBe(204);
  });

  it("is resumed after an event that only another instance has read so far", async () => {
    const { jobs, job, open, end } = await aStream(
      { heartbeatMs: 1_000, maxMs: 10_000 },
      { pauseMs: 60_000 },
    );
    const { body } = await open();
    await jobs.settleSlots(job.id, failedSlots([0], errorInfo("throttled", "later")));
    await end();
    const rest = await open("", { "last-event-id": "3" });
    expect(rest.status).toBe(200);
    expect(parseMessages(await textOf(rest.body)).map(({ id }) => id)).toEqual([4]);
    await body.cancel();
  });

  it("whose watcher leaves isn't read for any more", async () => {
    const { open, reads } = await aStream({ heartbeatMs: 10_000, maxMs: 60_000 });
    const { body } = await open();
    const reader = body.getReader();
    for (let message = 0; message < 3; message += 1) await reader.read();
    const waiting = reader.read();
    await reader.cancel();
    await waiting;
    await sleep(200);
    const seen = reads();
    await sleep(50);
    expect(reads()).toBe(seen);
  });

  it("whose watcher's connection is gone isn't read for any more, though nobody cancels it", async () => {
    const gone = new AbortController();
    const connection = { ...attentive.of(""), closed: gone.signal, taken: async () => !gone.signal.aborted };
    const { open, reads } = await aStream({ heartbeatMs: 10_000, maxMs: 60_000 }, { connection });
    const text = textOf((await open()).body);
    await sleep(200);
    gone.abort();
    expect(parseMessages(await text).map(({ id }) => id)).toEqual([1, 2]);
    await sleep(200);
    const seen = reads();
    await sleep(50);
    expect(reads()).toBe(seen);
  });

  it("makes nothing more for who doesn't take what there is, and ends in time", async () => {
    const connection: Connection = {
      ...attentive.of(""),
      closed: new AbortController().signal,
      taken: (stopped) => new Promise((resolve) => stopped.addEventListener("abort", () => resolve(false))),
    };
    const { open, reads, end } = await aStream({ heartbeatMs: 10, maxMs: 60 }, { connection });
    const text = textOf((await open()).body);
    await end();
    expect(await text).toBe("");
    await sleep(30);
    const seen = reads();
    await sleep(50);
    expect(reads()).toBe(seen);
  });

  it("whose watcher leaves before its first word isn't read for either", async () => {
    const { open, reads } = await aStream({ heartbeatMs: 10_000, maxMs: 60_000 });
    const { body } = await open();
    await body.cancel();
    await sleep(30);
    const seen = reads();
    await sleep(50);
    expect(reads()).toBe(seen);
  });

  it("shows a partial image behind a link, and with its bytes only when asked for them", async () => {
    const { jobs, images, job, open, end } = await aStream();
    const [blob, contentType] = [`${job.id}/partial/0-1.png`, "image/png"];
    await images.put(blob, Buffer.from("coarse"), { contentType });
    await jobs.append(job.id, { type: "image.partial", index: 0, step: 1, blob, contentType });
    await end();
    const plain = parseMessages(await textOf((await open()).body))[2];
    expect(plain?.data).toMatchObject({ index: 0, partial_index: 1, content_type: contentType });
    expect(plain?.data.url).toContain(blob);
    expect(plain?.data).not.toHaveProperty("b64_json");
    const inline = parseMessages(await textOf((await open("?inline=1")).body))[2];
    expect(inline?.data.b64_json).toBe(Buffer.from("coarse").toString("base64"));
  });

  it("goes on past a partial image that was removed meanwhile", async () => {
    const { jobs, job, open, end } = await aStream();
    const gone = { blob: "gone.png", contentType: "image/png" };
    await jobs.append(job.id, { type: "image.partial", index: 0, step: 0, ...gone });
    await end();
    const messages = parseMessages(await textOf((await open("?inline=1")).body));
    expect(messages.map(({ name }) => name).slice(2)).toEqual(["image.partial", "job.succeeded"]);
    expect(messages[2]?.data).not.toHaveProperty("b64_json");
  });

  it("refuses an inline that is neither 0 nor 1", async () => {
    const { open } = await aStream();
    await expect(open("?inline=yes")).rejects.toMatchObject({
      code: "invalidRequest",
      violations: [{ param: "inline", allowed: ["0", "1"] }],
    });
  });
});

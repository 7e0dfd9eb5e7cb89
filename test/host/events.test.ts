import { describe, expect, it } from "vitest";
import { useSharedDarkroom } from "../support/darkroom.ts";
import { lasting, readEvents, type SeenEvent } from "../support/watching.ts";

const darkroom = useSharedDarkroom();

async function watch(jobId: string, lastEventId?: number, until = Infinity): Promise<SeenEvent[]> {
  const headers = lastEventId === undefined ? {} : { "last-event-id": String(lastEventId) };
  const reply = await darkroom.fetch(`/api/jobs/${jobId}/events`, { headers });
  if (reply.status === 204) return [];
  expect([reply.status, reply.headers.get("content-type")]).toEqual([
    200,
    "text/event-stream; charset=utf-8",
  ]);
  const seen: SeenEvent[] = [];
  for await (const event of readEvents(reply)) {
    seen.push(event);
    if (seen.length >= until) break;
  }
  return seen;
}

/** As a phone on a train: the connection is cut after every single event. */
async function watchInPieces(jobId: string): Promise<SeenEvent[]> {
  const seen: SeenEvent[] = [];
  for (;;) {
    const [next] = await watch(jobId, seen.at(-1)?.id ?? 0, 1);
    if (!next) return seen;
    seen.push(next);
  }
}

it("a watcher that leaves is no failure in the log", async () => {
  const job = await darkroom.accept({ prompt: "left alone [[latency=2000]]", model: "dall-e-3" });
  for (let round = 0; round < 3; round += 1) await watch(job.id, undefined, 1);
  await darkroom.ended(job.id);
  // The next stream of all is whole, and what the host says of it comes after what it said of those.
  expect((await watch(job.id)).at(-1)?.name).toBe("job.succeeded");
  expect(darkroom.log).toContain(`GET api/jobs/{id}/events 200`);
  expect(darkroom.log).not.toMatch(/ForwarderError|Functions\.job-events-get/);
});

describe("the events of a job of ten images", () => {
  it("are the same, in order, for who watches from the start, starts late, or is cut off at each one", async () => {
    const job = await darkroom.accept({
      model: "dall-e-3",
      prompt: "ten umbrellas [[refuse nth=4]]",
      n: 10,
    });
    const [whole, inPieces] = await Promise.all([watch(job.id), watchInPieces(job.id)]);
    const late = await watch(job.id);

    expect(whole.map(({ id }) => id)).toEqual(whole.map((_, at) => at + 1));
    expect(whole.map(({ name }) => name)).toEqual([
      "job.queued",
      "job.running",
      ...whole.slice(2, -1).map(({ name }) => name),
      "job.succeeded",
    ]);
    const ofImages = whole.slice(2, -1);
    expect(ofImages.map(({ data }) => data.index).sort((a, b) => a! - b!)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
    expect(ofImages.filter(({ name }) => name === "image.refused")).toHaveLength(1);
    expect(ofImages.filter(({ name }) => name === "image.succeeded")).toHaveLength(9);
    expect(whole.at(-1)?.data.job).toMatchObject({ status: "succeeded", progress: 1 });
    expect(inPieces.map(lasting)).toEqual(whole.map(lasting));
    expect(late.map(lasting)).toEqual(whole.map(lasting));
  });
});

it("two hundred watchers of a streamed job of ten images all see the same, each image's partial ones first", async () => {
  const job = await darkroom.accept({
    model: "gpt-image-1",
    prompt: "ten watched umbrellas",
    n: 10,
    stream: true,
    partial_images: 2,
  });
  const all = await Promise.all(Array.from({ length: 200 }, () => watch(job.id)));
  const [first] = all.map((seen) => seen.map(lasting));
  for (const seen of all) expect(seen.map(lasting)).toEqual(first);
  for (let index = 0; index < 10; index += 1) {
    const ofImage = all[0]!.filter(({ data }) => data.index === index);
    expect(ofImage.map(({ name, data }) => data.partial_index ?? name)).toEqual([0, 1, "image.succeeded"]);
  }
});

describe("a stream", () => {
  it("opens for the one who holds its signed address, and for nobody else", async () => {
    const job = await darkroom.run({ model: "dall-e-3", prompt: "a signed kite" });
    expect((await fetch(job.links.events)).status).toBe(200);
    expect((await fetch(`${job.links.self}/events`)).status).toBe(401);
    expect((await fetch(job.links.events.replace("signature=", "signature=x"))).status).toBe(401);
  });

  it.each(["-1", "99", "x", "1.5", "9999999999999999999999"])(
    "refuses to go on after the event %s, which it never sent",
    async (id) => {
      const job = await darkroom.run({ model: "dall-e-3", prompt: "a short kite" });
      const reply = await darkroom.fetch(`/api/jobs/${job.id}/events`, { headers: { "last-event-id": id } });
      expect(reply.status).toBe(400);
      expect(await reply.json()).toMatchObject({
        error: { code: "invalidRequest", param: "Last-Event-ID" },
      });
    },
  );

  it("that has told everything tells an EventSource to stop asking", async () => {
    const job = await darkroom.run({ model: "dall-e-3", prompt: "a finished kite" });
    const seen = await watch(job.id);
    const reply = await darkroom.fetch(`/api/jobs/${job.id}/events`, {
      headers: { "last-event-id": String(seen.length) },
    });
    expect(reply.status).toBe(204);
  });
});

import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Job } from "../../src/contracts/http-api.ts";
import { useDarkroom } from "../support/darkroom.ts";
import { readEvents } from "../support/watching.ts";
import { storageOf } from "../support/edits.ts";

const darkroom = useDarkroom();

async function cancel(id: string): Promise<{ status: number; job: Job }> {
  const reply = await darkroom.fetch(`/api/jobs/${id}/cancel`, { method: "POST" });
  return { status: reply.status, job: (await reply.json()) as Job };
}

async function until<T>(look: () => Promise<T | undefined | false>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found) return found;
    await sleep(20);
  }
}

const blobsOf = (jobId: string) => storageOf(darkroom).names("images", `${jobId}/`);

const inFlight = (prompt: string) =>
  until(async () => (await darkroom.calls(prompt)).some(({ finished_at }) => finished_at === null));

/** Each stage: what is asked for, and how one knows that the job has got there. */
const stages = [
  {
    stage: "queued",
    imageParams: { model: "dall-e-3", prompt: "a queued kite [[latency=3000]]" },
    reached: async () => undefined,
  },
  {
    stage: "in an upstream call",
    imageParams: { model: "gpt-image-1", prompt: "a called kite [[latency=6000]]", n: 2 },
    reached: () => inFlight("a called kite"),
  },
  {
    stage: "waiting on 429",
    imageParams: { model: "dall-e-3", prompt: "a throttled kite [[429=4]]" },
    reached: () => until(async () => (await darkroom.calls("a throttled kite")).length > 0),
  },
  {
    stage: "polling an operation",
    imageParams: { model: "dall-e-2", prompt: "a polled kite [[latency=4000]]" },
    reached: () =>
      until(async () => (await darkroom.ledger("a polled kite")).operations.some(({ polls }) => polls[0])),
  },
  {
    stage: "storing",
    imageParams: { model: "dall-e-3", prompt: "a stored kite [[bytes=4000000]] [[latency=10]]", n: 10 },
    reached: (id: string) => until(async () => (await blobsOf(id)).some((name) => !name.endsWith(".webp"))),
  },
];

describe.concurrent.each(stages)("a job that is canceled while $stage", ({ imageParams, reached }) => {
  it.concurrent("ends at once as canceled, and nothing arrives afterwards", async () => {
    const { id } = await darkroom.accept(imageParams);
    await reached(id);
    const { status, job } = await cancel(id);
    expect([status, job.status]).toEqual([200, "canceled"]);
    const stood = job.images.map(({ index }) => index);

    // Longer than anything that was on its way may take.
    await sleep(5_000);
    const later = await darkroom.job(id);
    expect(later).toMatchObject({ status: "canceled", finished_at: job.finished_at });
    expect(later.images.map(({ index }) => index)).toEqual(stood);
    expect(await blobsOf(id)).toHaveLength(stood.length);

    const reply = await darkroom.fetch(`/api/jobs/${id}/events`);
    const names: string[] = [];
    for await (const { name } of readEvents(reply)) names.push(name);
    expect(names.filter((name) => name === "image.succeeded")).toHaveLength(stood.length);
    expect(names.at(-1)).toBe("job.canceled");
    expect((await cancel(id)).status).toBe(200);
  });
});

describe("a canceled call", () => {
  it("is cut off at the service, long before its answer, and counted as one that may be billed", async () => {
    const { id } = await darkroom.accept({ model: "gpt-image-1", prompt: "a cut kite [[latency=20000]]" });
    await inFlight("a cut kite");
    const { job } = await cancel(id);
    expect(job.unanswered_calls).toBe(1);
    const [call] = await until(async () => {
      const calls = await darkroom.calls("a cut kite");
      return calls.every(({ finished_at }) => finished_at !== null) && calls;
    });
    expect(call!.status).toBeNull();
  });

  it("of DALL-E 2 has its operation deleted at the service", async () => {
    const { id } = await darkroom.accept({ model: "dall-e-2", prompt: "a withdrawn kite [[latency=3000]]" });
    await until(async () => (await darkroom.ledger("a withdrawn kite")).operations.length > 0);
    await cancel(id);
    await until(async () => {
      const { calls } = await darkroom.ledger("a withdrawn kite");
      return calls.some(({ route, status }) => route === "delete" && status === 204);
    });
  });
});

it("a job that has ended is not canceled", async () => {
  const done = await darkroom.run({ model: "dall-e-3", prompt: "a done kite" });
  const reply = await darkroom.fetch(`/api/jobs/${done.id}/cancel`, { method: "POST" });
  expect([reply.status, await reply.json()]).toMatchObject([409, { error: { code: "conflict" } }]);
  expect((await darkroom.job(done.id)).status).toBe("succeeded");
});

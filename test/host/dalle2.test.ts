import { describe, expect, it } from "vitest";
import { useDarkroom } from "../support/darkroom.ts";

const darkroom = useDarkroom({
  simulatorSettings: { latency_scale: 1, retry_after_seconds: 2 },
});

describe("a DALL-E 2 operation that asks for two seconds and needs seven", () => {
  it("is polled no more than five times, and never earlier than it said", async () => {
    const job = await darkroom.run({
      model: "dall-e-2",
      size: "256x256",
      prompt: "slow paint [[latency=7000]]",
    });
    expect(job).toMatchObject({ status: "succeeded", images: [{ index: 0, width: 256 }] });
    const { operations } = await darkroom.ledger("slow paint");
    const [operation] = operations;
    const polls = operation?.polls.map(({ at }) => at) ?? [];
    expect(polls.length).toBeGreaterThan(0);
    expect(polls.length).toBeLessThanOrEqual(5);
    const times = [operation?.submitted_at ?? 0, ...polls];
    for (const [index, at] of times.slice(1).entries())
      expect(at - (times[index] ?? 0)).toBeGreaterThanOrEqual(2_000);
  });
});

describe("a DALL-E 2 result", () => {
  it.each(["A", "B"])("of shape %s is stored", async (shape) => {
    const job = await darkroom.run({
      model: "dall-e-2",
      n: 2,
      size: "256x256",
      prompt: `shape ${shape} [[shape=${shape} latency=500]]`,
    });
    expect(job).toMatchObject({ status: "succeeded", failures: [] });
    for (const { url } of job.images) expect((await fetch(url)).status).toBe(200);
  });

  it("that mixes images and refusals keeps the images and tells of the refusals", async () => {
    const job = await darkroom.run({
      model: "dall-e-2",
      n: 3,
      size: "256x256",
      prompt: "mixed bag [[refuse_slots=1 latency=500]]",
    });
    expect(job.images.map(({ index }) => index)).toEqual([0, 2]);
    expect(job.failures).toMatchObject([{ index: 1, code: "contentFilter" }]);
  });

  it("that failed is a failed job with the service's reason", async () => {
    const job = await darkroom.run({
      model: "dall-e-2",
      size: "256x256",
      prompt: 'doomed [[operation=failed message="out of paint" latency=500]]',
    });
    expect(job).toMatchObject({ status: "failed", error: { code: "upstreamRejected" } });
    expect(job.error?.message).toContain("out of paint");
  });

  it("that was refused is a refusal", async () => {
    const job = await darkroom.run({
      model: "dall-e-2",
      size: "256x256",
      prompt: "evil paint [[refuse latency=500]]",
    });
    expect(job).toMatchObject({ status: "failed", error: { code: "contentFilter" } });
  });

  it("whose download breaks is fetched again, without a second operation", async () => {
    const job = await darkroom.run({
      model: "dall-e-2",
      size: "256x256",
      prompt: "torn canvas [[cut=50% on=image times=1]] [[latency=500]]",
    });
    expect(job).toMatchObject({ status: "succeeded", images: [{ index: 0 }] });
    expect((await darkroom.ledger("torn canvas")).operations).toHaveLength(1);
  });

  it("keeps the images that came while it fetches one that broke again", async () => {
    const job = await darkroom.run({
      model: "dall-e-2",
      n: 2,
      size: "256x256",
      prompt: "one torn [[503 on=image times=1]] [[latency=500]]",
    });
    expect(job.images.map(({ index }) => index)).toEqual([0, 1]);
    const downloads = (await darkroom.ledger()).calls.filter(({ path }) =>
      path.startsWith("/private/images/"),
    );
    const ours = downloads.filter(({ prompt }) => prompt?.includes("one torn"));
    expect(ours).toHaveLength(3);
  });

  it("of a submit that was cut off is not paid for twice", async () => {
    const job = await darkroom.run({
      model: "dall-e-2",
      size: "256x256",
      prompt: "lost receipt [[cut=headers on=submit times=1]] [[latency=500]]",
    });
    expect(job).toMatchObject({ status: "succeeded" });
    expect(job.repeated_calls).toBeUndefined();
    expect((await darkroom.ledger("lost receipt")).totals.images_billed).toBe(1);
  });
});

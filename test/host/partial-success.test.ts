import { describe, expect, it } from "vitest";
import { useDarkroom } from "../support/darkroom.ts";

const darkroom = useDarkroom();

describe("a job of ten images", () => {
  it("with one refused succeeds with nine and one reason, each slot asked for once", async () => {
    const job = await darkroom.run({ model: "dall-e-3", n: 10, prompt: "nine lives [[refuse nth=4]]" });
    expect(job).toMatchObject({
      status: "succeeded",
      failures: [{ code: "contentFilter", retryable: false }],
    });
    expect(job.images).toHaveLength(9);
    expect(job.failures).toHaveLength(1);
    expect(await darkroom.calls("nine lives")).toHaveLength(10);
  });

  it("with all refused fails, and its result says so with 422", async () => {
    const job = await darkroom.run({ model: "dall-e-3", n: 10, prompt: "no lives [[refuse]]" });
    expect(job).toMatchObject({ status: "failed", images: [], error: { code: "contentFilter" } });
    expect(job.failures).toHaveLength(10);
    const result = await fetch(job.links.result);
    expect(result.status).toBe(422);
    expect(await result.json()).toMatchObject({
      error: { code: "contentFilter", retryable: false },
      job: { id: job.id },
    });
    expect(await darkroom.calls("no lives")).toHaveLength(10);
  });

  it("in one call loses only those images that were filtered", async () => {
    const job = await darkroom.run({ model: "gpt-image-1", n: 10, prompt: "ten doors [[refuse_slots=2,7]]" });
    expect(job.failures.map(({ index }) => index)).toEqual([2, 7]);
    expect(job.images).toHaveLength(8);
    expect(await darkroom.calls("ten doors")).toHaveLength(1);
  });

  it("that the service cuts short counts the missing ones as failures", async () => {
    const job = await darkroom.run({ model: "gpt-image-1", n: 3, prompt: "short change [[images=2]]" });
    expect(job.images.map(({ index }) => index)).toEqual([0, 1]);
    expect(job.failures).toMatchObject([{ index: 2, code: "upstreamUnavailable" }]);
  });

  it("that brings more than was asked keeps what was asked", async () => {
    const job = await darkroom.run({ model: "gpt-image-1", n: 2, prompt: "baker's dozen [[images=5]]" });
    expect(job.images).toHaveLength(2);
  });
});

describe("a job that no retry can help", () => {
  it("is told from a refusal when the whole account is blocked, and asks no further than its batches", async () => {
    const job = await darkroom.run({ model: "dall-e-3", n: 2, prompt: "closed shop [[403]]" });
    expect(job).toMatchObject({ status: "failed", error: { code: "accountBlocked" } });
    expect(job.error?.message).toContain("whole account");
  });

  it.each([
    ["an answer of 200 without images", "[[empty]]"],
    ["an answer of 200 with an error", "[[body=error]]"],
    ["an HTML page", "[[body=html]]"],
  ])("because of %s fails after three tries, each flagged as possibly billed twice", async (_, words) => {
    const prompt = `doomed ${words}`;
    const job = await darkroom.run({ model: "dall-e-3", prompt });
    expect(job).toMatchObject({
      status: "failed",
      error: { code: "upstreamUnavailable" },
      repeated_calls: 2,
    });
    expect(await darkroom.calls(prompt)).toHaveLength(3);
  });

  it("because of failures that name a wait is not asked for more often, and flagged as well", async () => {
    const prompt = "doomed and slow [[status=500 retry-after=1 times=9 billed]]";
    const job = await darkroom.run({ model: "gpt-image-1", n: 2, prompt });
    expect(job).toMatchObject({ status: "failed", repeated_calls: 2 });
    expect(await darkroom.calls(prompt)).toHaveLength(3);
  });

  it("because its bytes are no image fails without paying again", async () => {
    const job = await darkroom.run({ model: "dall-e-3", prompt: "not a picture [[image_format=text]]" });
    const error = { code: "upstreamUnavailable", retryable: false };
    expect(job).toMatchObject({
      status: "failed",
      error,
      failures: [{ ...error, content_type: expect.any(String) as string }],
    });
    expect(await darkroom.calls("not a picture")).toHaveLength(1);
    // Paid for, so that it is kept as it came.
    const kept = await darkroom.fetch(`${job.failures[0]?.content_url ?? ""}?download=1`);
    expect([kept.status, kept.headers.get("content-disposition")]).toEqual([
      200,
      expect.stringContaining(".bin"),
    ]);
    expect((await kept.arrayBuffer()).byteLength).toBeGreaterThan(0);
  });
});

describe("a fault that passes", () => {
  it.each(["500", "502", "503", "504", "401", "408", "409"])(
    "with status %s once is mended by the next try",
    async (status) => {
      const job = await darkroom.run({
        model: "dall-e-3",
        prompt: `passing ${status} [[${status} times=1]]`,
      });
      expect(job).toMatchObject({ status: "succeeded", images: [{ index: 0 }] });
      expect(await darkroom.calls(`passing ${status}`)).toHaveLength(2);
    },
  );

  it("that may have been billed is flagged, one that was not isn't", async () => {
    const cut = await darkroom.run({ model: "dall-e-3", prompt: "a cut wire [[cut=50% times=1]]" });
    expect(cut).toMatchObject({ status: "succeeded", repeated_calls: 1 });
    const busy = await darkroom.run({ model: "dall-e-3", prompt: "a busy wire [[503 times=1]]" });
    expect(busy.repeated_calls).toBeUndefined();
  });
});

it("an image of another format than asked is stored as what it is", async () => {
  const job = await darkroom.run({ model: "gpt-image-1", prompt: "a surprise [[image_format=jpeg]]" });
  expect(job.images).toMatchObject([{ content_type: "image/jpeg" }]);
  expect(job.images[0]?.url).toContain("/0.jpg?");
});

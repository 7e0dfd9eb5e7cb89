import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maxBodyBytes, type ToldJob, webhookBody } from "../../../src/domain/webhook-body.ts";

const at = "2026-01-02T03:04:09.000Z";
const bytes = (text: string) => Buffer.byteLength(text);

const job = (change: Partial<ToldJob> & Record<string, unknown> = {}): ToldJob => ({
  ...{ id: "job_x", status: "succeeded", tags: ["demo"] },
  request: { prompt: "a cat", n: 1, size: "1024x1024" },
  images: [{ index: 0, ...{ content_type: "image/png", revised_prompt: "a fine cat" } }],
  failures: [],
  metadata: { order: "7" },
  ...change,
});

function bodyOf(change: Parameters<typeof job>[0]) {
  const body = webhookBody("job.succeeded", at, job(change));
  expect(bytes(body)).toBeLessThanOrEqual(maxBodyBytes);
  return JSON.parse(body) as { truncated?: boolean; data: ToldJob & { metadata?: object } };
}

describe("a message", () => {
  it("that is short is the whole job, and says nothing of shortening", () => {
    expect(JSON.parse(webhookBody("job.succeeded", at, job()))).toEqual({
      type: "job.succeeded",
      timestamp: at,
      data: job(),
    });
  });

  it("of exactly 4096 bytes is sent as it is, and of one more is shortened", () => {
    const room = maxBodyBytes - bytes(webhookBody("job.failed", at, job({ request: { prompt: "" } })));
    const full = webhookBody("job.failed", at, job({ request: { prompt: "x".repeat(room) } }));
    expect([bytes(full), full.includes("truncated")]).toEqual([maxBodyBytes, false]);
    const over = webhookBody("job.failed", at, job({ request: { prompt: "x".repeat(room + 1) } }));
    expect([bytes(over) < maxBodyBytes, over.includes(`"truncated":true`)]).toEqual([true, true]);
  });

  it("loses the rest of long texts first, and nothing else", () => {
    const { truncated, data } = bodyOf({ request: { prompt: "y".repeat(32_000), n: 1 } });
    expect(truncated).toBe(true);
    expect(data).toEqual(job({ request: { prompt: `${"y".repeat(199)}…`, n: 1 } }));
  });

  it("loses addresses of thumbnails before anything else", () => {
    const text = { index: 0, revised_prompt: "r".repeat(1_000) };
    const thumbnail_url = `https://darkroom.example/${"p".repeat(3_500)}`;
    const { truncated, data } = bodyOf({ images: [{ ...text, thumbnail_url }] });
    expect([truncated, data]).toEqual([true, job({ images: [text] })]);
  });

  it("loses what content filters found before any of its texts", () => {
    const content_filter_results = Object.fromEntries(
      Array.from({ length: 60 }, (_, at) => [`category_${at}`, { filtered: false, severity: "safe" }]),
    );
    const text = { index: 0, revised_prompt: "r".repeat(1_000) };
    expect(bodyOf({ images: [{ ...text, ...{ content_filter_results } }] }).data.images).toEqual([text]);
  });

  it("counts bytes, not characters", () => {
    const { truncated } = bodyOf({ request: { prompt: "€".repeat(1_400) } });
    expect(truncated).toBe(true);
  });

  it("loses then what its images are and why others failed, but not which", () => {
    const images = Array.from({ length: 10 }, (_, index) => ({ index, revised_prompt: "z".repeat(4_000) }));
    const failures = Array.from({ length: 9 }, (_, index) => ({
      index,
      code: "contentFilter",
      message: "m".repeat(400),
    }));
    const { data } = bodyOf({ images, failures });
    expect(data.images).toEqual(images.map(({ index }) => ({ index })));
    expect(data.failures).toEqual(failures.map(({ index, code }) => ({ index, code })));
    expect(data.request).toEqual(job().request);
  });

  it("loses the request next, and the caller's metadata last", () => {
    const request = Object.fromEntries(
      Array.from({ length: 20 }, (_, field) => [`f${field}`, "r".repeat(190)]),
    );
    const kept = bodyOf({ request, metadata: { order: "m".repeat(2_000) } });
    expect([kept.data.request, kept.data.metadata]).toEqual([undefined, { order: "m".repeat(2_000) }]);
    const lost = bodyOf({ request, metadata: { order: "m".repeat(5_000) } });
    expect([lost.data.request, lost.data.metadata]).toEqual([undefined, undefined]);
    expect(lost.data).toMatchObject({ id: "job_x", status: "succeeded", tags: ["demo"] });
  });

  it("never ends a text with half a character", () => {
    const { data } = bodyOf({ request: { prompt: `${"a".repeat(198)}${"🎈".repeat(3_000)}` } });
    expect(String(data.request["prompt"])).toBe(`${"a".repeat(198)}…`);
  });

  it("fits whatever a job may hold", () => {
    const text = (maxLength: number) => fc.string({ unit: "binary", maxLength });
    const held = fc.record({
      request: fc.record({ prompt: text(8_000), user: text(512), size: text(64) }),
      images: fc.array(fc.record({ index: fc.nat(9), revised_prompt: text(4_000) }), { maxLength: 10 }),
      failures: fc.array(
        fc.record({ index: fc.nat(9), code: fc.constant("internal"), message: text(2_000) }),
        { maxLength: 10 },
      ),
      metadata: fc.dictionary(text(64), text(512), { maxKeys: 16 }),
      error: fc.record({ code: fc.constant("internal"), message: text(2_000) }),
    });
    fc.assert(
      fc.property(held, (facts) => {
        expect(bytes(webhookBody("job.succeeded", at, job(facts)))).toBeLessThanOrEqual(maxBodyBytes);
      }),
      { numRuns: 60 },
    );
  });
});

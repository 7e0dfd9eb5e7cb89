import { describe, expect, it } from "vitest";
import { errorInfo } from "../../../src/domain/app-error.ts";
import { storedImages, viewImage, viewJob } from "../../../src/jobs/job-view.ts";
import type { SlotRecord } from "../../../src/ports/records.ts";
import { aJob } from "../../support/jobs.ts";
import { failedSlot, storedSlot } from "../../support/slots.ts";

const nothing = { slots: [], calls: [] };
const progress = (...slots: SlotRecord[]) => ({ slots, calls: [] });
const input = (blob: string) => ({
  blob,
  contentType: "image/png",
  width: 24,
  height: 16,
  bytes: 110,
  sha256: "ab",
});

describe("a job as others see it", () => {
  it("says what was asked, its inputs by what they are", () => {
    const shown = { content_type: "image/png", width: 24, height: 16, bytes: 110, sha256: "ab" };
    const request = {
      prompt: "a hat",
      n: 1,
      size: "auto",
      mask_mode: "resize" as const,
      mask_invert: true as const,
    };
    const job = aJob({
      kind: "edit",
      request,
      inputs: { images: [input("x/a"), input("x/b")], mask: input("x/m") },
    });
    expect(viewJob(job, nothing).request).toEqual({ ...request, images: [shown, shown], mask: shown });
    const unmasked = aJob({ request, inputs: { images: [input("x/a")] } });
    expect(viewJob(unmasked, nothing).request).toEqual({ ...request, images: [shown] });
  });

  it("says nothing of where inputs stand, what is waited for, or whose inbox it came by", () => {
    const job = aJob({
      inputs: { images: [input("SECRET-BLOB")] },
      awaits: { images: [{ param: "SECRET", container: "uploads", blob: "SECRET" }], until: "SECRET" },
      inbox: { blob: "SECRET", modifiedAt: "SECRET" },
    });
    expect(JSON.stringify(viewJob(job, nothing))).not.toMatch(/SECRET|caller|deadline|key:phone/);
  });

  it("without inputs is shown as it was asked", () => {
    const job = aJob();
    expect(viewJob(job, nothing).request).toEqual(job.request);
  });

  it("that never had a model names none", () => {
    const view = viewJob(aJob({ status: "failed", model: "", deployment: "" }), nothing);
    expect(Object.keys(view)).not.toEqual(expect.arrayContaining(["model"]));
    expect(Object.keys(view)).not.toEqual(expect.arrayContaining(["deployment"]));
  });

  it("goes forward by settled slots, and has arrived when it has ended", () => {
    expect(viewJob(aJob({ status: "running" }), progress(storedSlot(0))).progress).toBe(0.5);
    expect(viewJob(aJob({ status: "failed" }), nothing).progress).toBe(1);
  });

  it("lists failures and images by their index", () => {
    const slots = progress(failedSlot(3), storedSlot(2), failedSlot(1), storedSlot(0));
    expect(viewJob(aJob(), slots).failures.map(({ index }) => index)).toEqual([1, 3]);
    expect(storedImages(slots).map(({ index }) => index)).toEqual([0, 2]);
  });

  it("tells why it failed, and what it used", () => {
    const failure = errorInfo("expired", "image did not arrive in time.");
    const usage = { input_tokens: 1, output_tokens: 2, total_tokens: 3 };
    expect(viewJob(aJob({ status: "failed", failure, usage, repeatedCalls: 2 }), nothing)).toMatchObject({
      error: failure,
      usage,
      repeated_calls: 2,
    });
  });
});

it("an image is shown without its blob", () => {
  const [image] = storedImages(progress(storedSlot(1, true)));
  if (!image) throw new Error("no image");
  expect(viewImage("job_x", image, "https://darkroom.example")).toEqual({
    index: 1,
    content_url: "https://darkroom.example/api/jobs/job_x/images/1",
    content_type: "image/png",
    width: 1024,
    height: 768,
    bytes: 34,
    sha256: "ab".repeat(32),
    revised_prompt: "a fine cat",
  });
});

describe("a job's cost", () => {
  const price = { currency: "USD", perImage: 40_000 };

  it("is an estimate for all that was asked, and what was made once it has ended", () => {
    const running = aJob({ status: "running", price });
    expect(viewJob(running, nothing).cost).toEqual({ currency: "USD", estimated: 0.08 });
    const ended = { ...running, status: "succeeded" as const };
    expect(viewJob(ended, progress(storedSlot(0))).cost).toEqual({
      currency: "USD",
      estimated: 0.08,
      actual: 0.04,
    });
  });

  it("is not there without a price", () => {
    expect(viewJob(aJob(), nothing).cost).toBeUndefined();
  });
});

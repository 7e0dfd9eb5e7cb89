import { describe, expect, it } from "vitest";
import { deliveryIdOf, nextTry, tryOffsetsMs } from "../../src/domain/webhook.ts";
import { runDelivery, runEditJob, runImageJob } from "../support/image-job-run.ts";

const storageIsAway = (): never => {
  throw new Error("storage is away");
};

/** A receiver that takes nothing before the given try; the step says when the next is due. */
const takenAt =
  (taken: number) =>
  ({ attempt }: { attempt: number }, now: () => number) => {
    const next = attempt < taken ? nextTry(attempt) : undefined;
    return next
      ? { kind: "again" as const, attempt: next.attempt, at: now() + next.waitMs }
      : { kind: "over" as const };
  };

describe("a delivery", () => {
  it("that is taken at once is over at once", async () => {
    const run = await runDelivery(takenAt(1));
    expect(run.of("deliverWebhook")).toEqual([
      { step: "deliverWebhook", input: { jobId: "job_x", round: 1, attempt: 1 }, at: 0 },
    ]);
    expect([run.status, run.elapsed]).toEqual(["Completed", 0]);
  });

  it("is tried ten times over a day, asleep in between, and then no more", async () => {
    const run = await runDelivery(takenAt(99));
    expect(run.of("deliverWebhook").map(({ at }) => at)).toEqual(tryOffsetsMs);
    expect(run.of("deliverWebhook").map(({ input }) => (input as { attempt: number }).attempt)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ]);
    expect(run.status).toBe("Completed");
  });

  it("outlives storage that is away for an hour, and makes the same try again", async () => {
    let tries = 0;
    const hour = 3_600_000;
    const run = await runDelivery((input, now, startedAt) => {
      tries += 1;
      return now() - startedAt < hour ? storageIsAway() : takenAt(1)(input, now);
    });
    expect(run.status).toBe("Completed");
    expect(tries).toBeGreaterThan(8);
    const attempts = run.of("deliverWebhook").map(({ input }) => (input as { attempt: number }).attempt);
    expect(new Set(attempts)).toEqual(new Set([1]));
  });

  it("holds nothing but ids and numbers in its history", async () => {
    const run = await runDelivery(takenAt(3));
    const history = JSON.stringify(run.hub.engine.history(run.id));
    expect(history).not.toMatch(/http|whsec/);
    expect(run.id).toBe(`${deliveryIdOf("job_x")}-1`);
  });
});

describe("a job with a webhook", () => {
  it("has its end told once it is recorded, before anybody makes thumbnails", async () => {
    const run = await runImageJob({ notifies: true }, { finishJob: () => ({ images: [0] }) });
    expect(run.calls.map(({ step }) => step).slice(-3)).toEqual([
      "finishJob",
      "notifyCompletion",
      "makeAllThumbnails",
    ]);
    expect(run.of("notifyCompletion").map(({ input }) => input)).toEqual([{ jobId: "job_x" }]);
  });

  it("that had ended before it began has that end told", async () => {
    const run = await runImageJob({ notifies: true }, { beginJob: () => ({ proceed: false }) });
    expect(run.calls.map(({ step }) => step)).toEqual(["beginJob", "notifyCompletion"]);
  });

  it("isn't failed by an end that can't be told now: its row says that it is due", async () => {
    const run = await runImageJob(
      { notifies: true },
      { finishJob: () => ({ images: [0] }), notifyCompletion: storageIsAway },
    );
    expect([run.status, run.of("makeAllThumbnails").length]).toEqual(["Completed", 1]);
  });

  it("that is an edit is told of its refusal too, after its result is published", async () => {
    const failure = { code: "expired" as const, message: "It did not arrive.", retryable: false };
    const run = await runEditJob(
      { notifies: true, publishes: true },
      { gatherInputs: () => ({ kind: "refused", failure }) },
    );
    expect(run.calls.map(({ step }) => step)).toEqual([
      "gatherInputs",
      "finishJob",
      "publishResult",
      "notifyCompletion",
    ]);
  });
});

it("a job without a webhook takes no step for one", async () => {
  const [image, edit] = [await runImageJob({}), await runEditJob({})];
  expect([...image.of("notifyCompletion"), ...edit.of("notifyCompletion")]).toEqual([]);
});

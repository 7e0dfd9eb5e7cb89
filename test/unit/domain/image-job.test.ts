import { describe, expect, it } from "vitest";
import { errorInfo } from "../../../src/domain/app-error.ts";
import {
  concludeJob,
  isTerminal,
  jobStatuses,
  mayBecome,
  progressOf,
  type SlotEnd,
} from "../../../src/domain/image-job.ts";

const stored = (index: number): SlotEnd => ({ index, state: "stored" });
const refused = (index: number): SlotEnd => ({
  index,
  state: "failed",
  failure: errorInfo("contentFilter", "no"),
});
const lost = (index: number): SlotEnd => ({
  index,
  state: "failed",
  failure: errorInfo("upstreamUnavailable", "gone"),
});

describe("a job's status", () => {
  it("moves forward only", () => {
    const moves = jobStatuses.flatMap((from) =>
      jobStatuses.filter((to) => from !== to && mayBecome(from, to)).map((to) => `${from}>${to}`),
    );
    expect(moves).toEqual([
      "queued>running",
      "queued>failed",
      "queued>canceled",
      "running>succeeded",
      "running>failed",
      "running>canceled",
    ]);
  });

  it("may stay what it is, so that a step can run twice", () => {
    expect(jobStatuses.every((status) => mayBecome(status, status))).toBe(true);
  });

  it("is terminal once nothing may follow", () => {
    expect(jobStatuses.filter(isTerminal)).toEqual(["succeeded", "failed", "canceled"]);
  });
});

describe("a job's end", () => {
  it("is success with one image of ten, and the nine reasons", () => {
    const end = concludeJob(10, [stored(0), ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map(refused)]);
    expect(end.status).toBe("succeeded");
    expect(end.failure).toBeUndefined();
    expect(end.failures.map(({ index }) => index)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("is failure by the commonest reason when there is no image", () => {
    expect(concludeJob(3, [refused(0), lost(1), lost(2)])).toMatchObject({
      status: "failed",
      failure: { code: "upstreamUnavailable" },
    });
  });

  it("counts a slot that nobody settled as lost", () => {
    expect(concludeJob(2, [stored(1)]).failures).toMatchObject([{ index: 0, failure: { code: "internal" } }]);
  });

  it("has progress by settled slots", () => {
    expect([progressOf(4, 0), progressOf(4, 3), progressOf(3, 1)]).toEqual([0, 0.75, 0.33]);
  });
});

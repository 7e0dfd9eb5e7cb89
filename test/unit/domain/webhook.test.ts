import { describe, expect, it } from "vitest";
import {
  deliveryIdOf,
  eventOf,
  classifyResponse,
  nextTry,
  tryOffsetsMs,
} from "../../../src/domain/webhook.ts";

const hour = 3_600_000;

/** Follows the schedule to its end: when each try is made, if each asks for a pause of its own. */
function triesAt(pauses: readonly number[] = []): number[] {
  const at = [0];
  for (let next = nextTry(1, pauses[0]); next; next = nextTry(next.attempt, pauses[at.length - 1]))
    at.push((at.at(-1) ?? 0) + next.waitMs);
  return at;
}

describe("the schedule", () => {
  it("makes ten tries over exactly a day, each further from the last", () => {
    expect(triesAt()).toEqual(tryOffsetsMs);
    expect(triesAt()).toHaveLength(10);
    expect(triesAt().at(-1)).toBe(24 * hour);
    const waits = triesAt().map((at, index, all) => at - (all[index - 1] ?? 0));
    expect(waits).toEqual(waits.toSorted((a, b) => a - b));
  });

  it("has no try after the last, whatever pause is asked for", () => {
    expect([nextTry(10), nextTry(10, hour), nextTry(11)]).toEqual([undefined, undefined, undefined]);
  });

  it("leaves out the tries that fall into a pause that was asked for", () => {
    expect(nextTry(1, 4_000)).toEqual({ attempt: 2, waitMs: 5_000 });
    expect(nextTry(1, 5_001)).toEqual({ attempt: 3, waitMs: 60_000 });
    expect(nextTry(2, hour)).toEqual({ attempt: 7, waitMs: 3 * hour - 5_000 });
  });

  it("ends with its last try even if a longer pause was asked for", () => {
    expect(nextTry(1, 48 * hour)).toEqual({ attempt: 10, waitMs: 24 * hour });
    expect(triesAt([0, 24 * hour])).toEqual([0, 5_000, 24 * hour]);
  });
});

describe("an answer", () => {
  const answered = (status: number, retryAfterMs = 0) =>
    classifyResponse({ kind: "answered", status, retryAfterMs });

  it.each([200, 201, 202, 204, 299])("of %i is a delivery", (status) => {
    expect(answered(status)).toEqual({ kind: "delivered" });
  });

  it("of 410 ends it for good", () => {
    expect(answered(410)).toEqual({ kind: "disabled" });
  });

  it.each([301, 302, 303, 307, 308])("of %i is a failure that says why", (status) => {
    const reason = `The receiver answered ${status}; redirects aren't followed.`;
    expect(answered(status, 9)).toEqual({ kind: "failed", reason, retryAfterMs: 0 });
  });

  it.each([199, 400, 401, 404, 500, 502])(
    "of %i is a failure, and its request for a pause isn't heard",
    (status) => {
      const reason = `The receiver answered ${status}.`;
      expect(answered(status, 9)).toEqual({ kind: "failed", reason, retryAfterMs: 0 });
    },
  );

  it.each([429, 503])("of %i may ask for a pause", (status) => {
    expect(answered(status, 90_000)).toMatchObject({ kind: "failed", retryAfterMs: 90_000 });
  });

  it("that never came is a failure with its own reason", () => {
    const verdict = classifyResponse({ kind: "unanswered", reason: "Nobody there." });
    expect(verdict).toEqual({ kind: "failed", reason: "Nobody there.", retryAfterMs: 0 });
  });
});

it("a job has one delivery, by its own id", () => {
  expect(deliveryIdOf("job_7zxw0n3k1c5q8v2m4t6y9b3d5f7h9j1k")).toBe("dlv_7zxw0n3k1c5q8v2m4t6y9b3d5f7h9j1k");
});

it("only an end is an event", () => {
  expect((["queued", "running", "succeeded", "failed", "canceled"] as const).map(eventOf)).toEqual([
    undefined,
    undefined,
    "job.succeeded",
    "job.failed",
    "job.canceled",
  ]);
});

import { describe, expect, it } from "vitest";
import { emptyPool } from "../../../../src/domain/quota/pool-state.ts";
import { settle } from "../../../../src/domain/quota/settle.ts";
import { waitsIn } from "../../../../src/domain/quota/waiting.ts";
import { askAll, asking, line, sixAMinute, start } from "../../../support/quota.ts";

const at = (ms: number) => new Date(start + ms).toISOString();
const job = (id: string) => ({ id, deployment: "sweden" });
const name = (index: number) => String(index).padStart(2, "0");
/** So many jobs of one call, asked for at once. */
const jobsAsked = (count: number) =>
  askAll(
    emptyPool,
    Array.from({ length: count }, (_, index) => asking(line(`job${name(index)}:0`))),
  ).state;

describe("what a job waits for", () => {
  it("is its turn: since when, until when and behind how many", () => {
    const waits = waitsIn(jobsAsked(15), sixAMinute, start);
    expect(waits(job("job00"))?.waiting).toBeUndefined();
    const first = waits(job("job06"))?.waiting;
    expect(first).toMatchObject({ reason: "quota", since: at(0), position: 0 });
    expect(Date.parse(first?.until ?? "") - start).toBeCloseTo(60_500, -3);
    const last = waits(job("job14"));
    expect(last?.waiting).toMatchObject({ position: 8 });
    expect(Date.parse(last?.waiting?.until ?? "") - start).toBeCloseTo(121_000, -3);
    // What such calls take comes on top.
    expect((last?.endsAt ?? 0) - Date.parse(last?.waiting?.until ?? "")).toBe(30_000);
  });

  it("isn't said while one of its calls is on its way", () => {
    const several = Array.from({ length: 8 }, (_, call) => asking(line(`one:${call}`)));
    const { state } = askAll(emptyPool, several);
    const wait = waitsIn(state, sixAMinute, start)(job("one"));
    expect(wait?.waiting).toBeUndefined();
    expect(wait?.endsAt).toBeGreaterThan(start + 60_000);
  });

  it("ends the later the longer its call takes, once that is longer than such calls do", () => {
    const state = jobsAsked(1);
    for (const [takenMs, leftMs] of [
      [10_000, 20_000],
      [30_000, 7_500],
      [200_000, 50_000],
    ] as const) {
      const now = start + takenMs;
      expect((waitsIn(state, sixAMinute, now)(job("job00"))?.endsAt ?? 0) - now).toBe(leftMs);
    }
  });

  it("is the service where it failed lately, and its wall where it said so", () => {
    const failed = [0, 1, 2].reduce(
      (state, index) =>
        settle(state, { attempt: `job${name(index)}:0#1`, end: { kind: "unavailable" } }, start),
      jobsAsked(9),
    );
    expect(waitsIn(failed, sixAMinute, start)(job("job08"))?.waiting).toMatchObject({
      reason: "service",
      until: at(5_000),
    });
    // One whose call failed is in no line until it is tried again.
    for (const [now, until] of [
      [start, at(5_000)],
      [start + 9_000, at(9_000)],
    ] as const)
      expect(waitsIn(failed, sixAMinute, now)(job("job00"))?.waiting).toMatchObject({
        reason: "service",
        since: at(0),
        until,
      });
    const end = { kind: "throttled" as const, retryAfterMs: 20_000 };
    const throttled = settle(jobsAsked(9), { attempt: "job00:0#1", end }, start);
    expect(waitsIn(throttled, sixAMinute, start)(job("job08"))?.waiting?.reason).toBe("throttled");
  });

  it("is nothing for a job that the pool doesn't know", () => {
    expect(waitsIn(jobsAsked(9), sixAMinute, start)(job("other"))).toBeUndefined();
  });
});

import { describe, expect, it } from "vitest";
import { ask } from "../../../../src/domain/quota/ask.ts";
import { emptyPool, type PoolState } from "../../../../src/domain/quota/pool-state.ts";
import { settle } from "../../../../src/domain/quota/settle.ts";
import { askAll, asking, line, lines, sixAMinute, start } from "../../../support/quota.ts";

const count = (decisions: readonly { kind: string }[]) =>
  decisions.filter(({ kind }) => kind === "granted").length;

describe("limits that nobody gave", () => {
  it("are felt out: a few calls at once, not hundreds", () => {
    const asks = lines(100).map((one) => asking(one));
    expect(count(askAll(emptyPool, asks, start, {}).decisions)).toBe(4);
  });

  it("are believed when a reply tells them, and forgotten after an hour", () => {
    const first = askAll(emptyPool, [asking(line("a"))], start, {}).state;
    const reported = { requests: { count: 3, windowMs: 60_000 } };
    const state = settle(first, { attempt: "a#1", end: { kind: "rejected" }, reported }, start + 100);
    const asks = lines(10).map((one) => asking(one));
    expect(count(askAll(state, asks, start + 200, {}).decisions)).toBe(2);
    expect(count(askAll(state, asks, start + 3_700_000, {}).decisions)).toBe(4);
  });

  it("are found by a 429: as many as were taken before it", () => {
    let state: PoolState = askAll(
      emptyPool,
      lines(4).map((one) => asking(one)),
      start,
      {},
    ).state;
    const throttled = { kind: "throttled", retryAfterMs: 60_000 } as const;
    state = settle(state, { attempt: "anna-3#1", end: throttled }, start + 100);
    const { from } = state.learnt.recovery ?? expect.fail();
    expect(from).toBe(start + 60_100);
    expect(state.learnt.found).toMatchObject({ count: 3, windowMs: 60_000 });
    const { decision } = ask(
      state,
      {},
      asking(line("anna-3", { since: start }), { attempt: "anna-3#2" }),
      start + 200,
    );
    expect(decision).toMatchObject({ kind: "wait", reason: "throttled" });
    // One alone goes first, and the others once it wasn't turned away.
    const asks = lines(5, { caller: "ben" }).map((one) => asking(one));
    const after = askAll(state, asks, from + 1_000, {});
    expect(count(after.decisions)).toBe(1);
    expect(count(askAll(after.state, asks.slice(1), from + 3_000, {}).decisions)).toBe(2);
  });

  it("are tried again, by one more, when they were used up for long without a 429", () => {
    const found = { count: 2, windowMs: 60_000, growAt: start, patienceMs: 120_000 };
    const state = { ...emptyPool, learnt: { found } };
    const used = askAll(
      state,
      lines(2).map((one) => asking(one)),
      start + 1,
      {},
    ).state;
    const next = ask(used, {}, asking(line("c")), start + 61_000);
    const grown = ask(next.state, {}, asking(line("d")), start + 61_001).state;
    expect(grown.learnt.found?.count).toBe(2);
    const full = ask(grown, {}, asking(line("e")), start + 122_000).state;
    expect(full.learnt.found?.count).toBeGreaterThanOrEqual(2);
  });
});

it("a 429 costs its caller nothing of its share", () => {
  const { state } = askAll(emptyPool, [asking(line("a"))]);
  const before = emptyPool.callers["anna"]?.finish ?? 0;
  expect(state.callers["anna"]?.finish).toBeGreaterThan(before);
  const settled = settle(state, { attempt: "a#1", end: { kind: "throttled" } }, start + 100);
  expect(settled.callers["anna"]?.finish).toBe(before);
});

describe("a deployment that fails", () => {
  const fail = (state: PoolState, id: string, now: number) => {
    const asked = ask(state, sixAMinute, asking(line(id)), now);
    return settle(asked.state, { attempt: `${id}#1`, end: { kind: "unavailable" } }, now + 10);
  };
  const broken = fail(fail(fail(emptyPool, "a", start), "b", start + 20), "c", start + 40);

  it("is left alone after three failures in a row, and then probed by one call", () => {
    const waiting = ask(broken, sixAMinute, asking(line("d")), start + 100);
    expect(waiting.decision).toMatchObject({ kind: "wait", reason: "service" });
    const probing = ask(waiting.state, sixAMinute, asking(line("d")), start + 5_100);
    expect(probing.decision.kind).toBe("granted");
    expect(ask(probing.state, sixAMinute, asking(line("e")), start + 5_200).decision).toMatchObject({
      kind: "wait",
      reason: "service",
    });
    const end = { kind: "answered", durationMs: 5_000 } as const;
    const healed = settle(probing.state, { attempt: "d#1", end }, start + 10_000);
    expect(healed.breakers).toEqual({});
  });

  it("is left alone for longer when the probe fails, and probed by another when its holder died", () => {
    const probing = ask(broken, sixAMinute, asking(line("d")), start + 5_100).state;
    const failed = settle(probing, { attempt: "d#1", end: { kind: "lost" } }, start + 6_000);
    expect(failed.breakers["sweden"]).toMatchObject({ openUntil: start + 16_000 });
    const orphaned = ask(probing, sixAMinute, asking(line("e")), start + 5_100 + 600_001);
    expect(orphaned.decision.kind).toBe("granted");
  });

  it("isn't judged by a refusal or a 429", () => {
    let state: PoolState = emptyPool;
    for (let call = 0; call < 5; call += 1) {
      state = ask(state, {}, asking(line(`r${call}`)), start + call * 3_000).state;
      state = settle(state, { attempt: `r${call}#1`, end: { kind: "rejected" } }, start + call * 3_000 + 5);
    }
    expect(state.breakers).toEqual({});
  });

  it("whose account is blocked is left alone for minutes, after one reply", () => {
    const asked = ask(emptyPool, sixAMinute, asking(line("a")), start).state;
    const blocked = settle(asked, { attempt: "a#1", end: { kind: "blocked" } }, start + 10);
    expect(blocked.breakers["sweden"]?.openUntil).toBe(start + 300_010);
  });
});

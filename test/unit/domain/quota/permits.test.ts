import { describe, expect, it } from "vitest";
import { ask, leave } from "../../../../src/domain/quota/ask.ts";
import { fairQueue } from "../../../../src/domain/quota/fair-queue.ts";
import { emptyPool, type PoolState } from "../../../../src/domain/quota/pool-state.ts";
import { settle } from "../../../../src/domain/quota/settle.ts";
import { askAll, asking, line, lines, sixAMinute, start } from "../../../support/quota.ts";

const answered = { kind: "answered", durationMs: 10_000 } as const;

function waitOf(decision: ReturnType<typeof ask>["decision"]) {
  if (decision.kind !== "wait") throw new Error("It was granted.");
  return decision;
}

describe("a permit", () => {
  it("is given at once while there is room, and then when the window has some again", () => {
    const { state, decisions } = askAll(
      emptyPool,
      lines(8).map((one) => asking(one)),
    );
    expect(decisions.map(({ kind }) => kind)).toEqual([
      ...["granted", "granted", "granted", "granted", "granted", "granted", "wait", "wait"],
    ]);
    const { until, startsAt, reason, position } = waitOf(decisions[7] ?? expect.fail());
    expect(startsAt).toBeGreaterThanOrEqual(start + 60_000);
    expect(startsAt).toBeLessThan(start + 61_000);
    expect(until).toBeLessThan(startsAt);
    expect({ reason, position }).toEqual({ reason: "quota", position: 1 });

    const later = askAll(state, [asking(line("anna-6")), asking(line("anna-7"))], until);
    expect(later.decisions).toMatchObject([
      { kind: "granted", permit: { at: startsAt } },
      { kind: "granted", permit: { at: startsAt } },
    ]);
  });

  it("is the same one when the answer of storage was lost, and takes its room once", () => {
    const first = askAll(emptyPool, [asking(line("a"))]);
    const again = askAll(first.state, [asking(line("a"))], start + 5);
    expect(again.decisions).toEqual(first.decisions);
    expect(again.state.starts).toEqual(first.state.starts);
  });

  it("isn't given to another run of its step: that one gets its own, and the first is gone", () => {
    const first = askAll(emptyPool, [asking(line("a"))]);
    const again = askAll(first.state, [asking(line("a"), { attempt: "a#2" })], start + 60_000);
    expect(again.decisions).toMatchObject([{ kind: "granted", permit: { attempt: "a#2" } }]);
    expect(again.state.permits).toHaveLength(1);
    expect(again.state.starts).toHaveLength(2);
  });

  it("of a dead holder expires, and its place among the calls at once is free again", () => {
    const limits = { parallel: 1 };
    const held = askAll(emptyPool, [asking(line("a"))], start, limits);
    const waiting = ask(held.state, limits, asking(line("b")), start + 1_000);
    expect(waiting.decision.kind).toBe("wait");
    expect(ask(waiting.state, limits, asking(line("b")), start + 599_000).decision.kind).toBe("wait");
    expect(ask(waiting.state, limits, asking(line("b")), start + 600_001).decision.kind).toBe("granted");
  });

  it("is settled once: what comes later changes nothing", () => {
    const { state } = askAll(emptyPool, [asking(line("a"))]);
    const settled = settle(state, { attempt: "a#1", end: answered }, start + 10_000);
    expect(settled.permits).toEqual([]);
    expect(settle(settled, { attempt: "a#1", end: { kind: "throttled" } }, start + 11_000)).toEqual(settled);
  });

  it("of a call that was never sent gives its room back", () => {
    const { state } = askAll(
      emptyPool,
      lines(6).map((one) => asking(one)),
    );
    const freed = settle(state, { attempt: "anna-0#1", end: { kind: "notSent" } }, start + 100);
    expect(ask(freed, sixAMinute, asking(line("z")), start + 200).decision.kind).toBe("granted");
  });

  it("counts from when its call was sent, where storage held that up", () => {
    const { state } = askAll(
      emptyPool,
      lines(6).map((one) => asking(one)),
    );
    const granted = (sentAt: number) => {
      const settled = settle(state, { attempt: "anna-0#1", end: answered, sentAt }, start + 20_000);
      const others = lines(6, { caller: "zoe" }).map((one) => asking(one));
      return askAll(settled, others, start + 63_000).decisions.filter(({ kind }) => kind === "granted")
        .length;
    };
    expect([start + 200, start + 9_000].map(granted)).toEqual([6, 5]);
  });

  it("counts images where the service counts them", () => {
    const limits = { images: { count: 10, windowMs: 60_000 } };
    const { decisions } = askAll(
      emptyPool,
      [asking(line("a", { images: 8 })), asking(line("b", { images: 4 })), asking(line("c", { images: 2 }))],
      start,
      limits,
    );
    // What is smaller doesn't slip by: one of ten images would wait for ever.
    expect(decisions.map(({ kind }) => kind)).toEqual(["granted", "wait", "wait"]);
  });
});

describe("the order", () => {
  const busy = askAll(
    emptyPool,
    lines(6).map((one) => asking(one)),
  ).state;

  function served(state: PoolState, at: number): string[] {
    const sorted = state.waiting.toSorted((a, b) => a.wakeAt - b.wakeAt);
    const { decisions } = askAll(
      state,
      sorted.map((one) => asking(one, { attempt: `${one.id}#2` })),
      at,
    );
    return decisions.flatMap((decision) => (decision.kind === "granted" ? [decision.permit.id] : []));
  }

  it("is by caller first: one who comes behind a flood takes turns with it", () => {
    const flood = lines(12, { caller: "flood" });
    const small = lines(3, { caller: "small", since: start + 1_000 });
    const { state } = askAll(
      busy,
      [...flood, ...small].map((one) => asking(one)),
    );
    const { waiting } = state;
    const turn = Math.max(...waiting.filter(({ caller }) => caller === "small").map(({ wakeAt }) => wakeAt));
    const who = served(state, turn + 1_000).map((id) => id.split("-")[0]);
    expect(who.filter((caller) => caller === "small")).toHaveLength(3);
    expect(who).toHaveLength(6);
  });

  it("is by weight: three to one, and who was passed by while it slept keeps its place", () => {
    const arrivals = { at: start, count: 1, everyMs: 0 };
    const callers = { heavy: { weight: 3, finish: 7, arrivals }, light: { weight: 1, finish: 7, arrivals } };
    const calls = [...lines(9, { caller: "heavy" }), ...lines(9, { caller: "light" })];
    const queue = fairQueue(calls, { callers, virtualTime: 9 }, () => 1);
    const who = calls.slice(0, 8).map(() => queue.shift()?.caller);
    expect(who.filter((caller) => caller === "heavy")).toHaveLength(6);
    queue.add(line("new", { caller: "new" }));
    expect(queue.shift()?.caller).not.toBe("new");
  });

  it("is by priority within a caller, then first come, first served", () => {
    const asks = [
      line("late", { since: start + 2 }),
      line("low", { priority: "low", since: start - 10 }),
      line("early", { since: start + 1 }),
      line("high", { priority: "high", since: start + 3 }),
    ].map((one) => asking(one));
    const { state } = askAll(busy, asks);
    expect(state.waiting.map(({ id }) => id)).toEqual(["high", "early", "late", "low"]);
  });

  it("holds no room for who left", () => {
    const { state } = askAll(busy, [asking(line("gone")), asking(line("here"))]);
    const { startsAt } = waitOf(ask(state, sixAMinute, asking(line("here")), start + 1).decision);
    const left = leave(state, "gone", start + 2);
    expect(left.waiting.map(({ id }) => id)).toEqual(["here"]);
    expect(ask(left, sixAMinute, asking(line("here")), startsAt).decision.kind).toBe("granted");
  });
});

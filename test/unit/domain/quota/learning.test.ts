import { describe, expect, it } from "vitest";
import { ask } from "../../../../src/domain/quota/ask.ts";
import { forecast } from "../../../../src/domain/quota/forecast.ts";
import { emptyPool, type PoolLimits, type PoolState } from "../../../../src/domain/quota/pool-state.ts";
import { type CallEnd, settle } from "../../../../src/domain/quota/settle.ts";
import { turnedAwayDelayMs } from "../../../../src/domain/throttle.ts";
import { askAll, asking, line, lines, sixAMinute, start } from "../../../support/quota.ts";

const count = (decisions: readonly { kind: string }[]) =>
  decisions.filter(({ kind }) => kind === "granted").length;

describe("limits that nobody gave", () => {
  it("are none until there is a sign of one; after a first 429 calls go a few at a time", () => {
    const asks = lines(100).map((one) => asking(one));
    const sent = askAll(emptyPool, asks, start, {});
    expect(count(sent.decisions)).toBe(100);
    const first = askAll(emptyPool, asks.slice(0, 1), start, {}).state;
    const away = settle(first, { attempt: "anna-0#1", end: { kind: "throttled" } }, start + 100);
    expect(away.learnt.found).toBeUndefined();
    expect(count(askAll(away, asks, start + 1_100, {}).decisions)).toBe(1);
    const alone = askAll(away, asks.slice(0, 1), start + 1_100, {}).state;
    expect(count(askAll(alone, asks.slice(1), start + 3_200, {}).decisions)).toBe(4);
  });

  it("are believed when a reply tells them, and forgotten after an hour", () => {
    const first = askAll(emptyPool, [asking(line("a"))], start, {}).state;
    const reported = { requests: { count: 3, windowMs: 60_000 } };
    const state = settle(first, { attempt: "a#1", end: { kind: "rejected" }, reported }, start + 100);
    const asks = lines(10).map((one) => asking(one));
    expect(count(askAll(state, asks, start + 200, {}).decisions)).toBe(2);
    expect(count(askAll(state, asks, start + 3_700_000, {}).decisions)).toBe(10);
  });

  it("that others have used up are waited for; what the pool has used itself is in its log", () => {
    const reported = {
      requests: { count: 3, windowMs: 60_000 },
      remaining: { requests: 0, resetMs: 20_000 },
    };
    const afterCalls = (calls: number) => {
      const before = askAll(
        emptyPool,
        lines(calls).map((one) => asking(one)),
        start,
        {},
      ).state;
      return settle(before, { attempt: "anna-0#1", end: { kind: "rejected" }, reported }, start + 100);
    };
    expect(afterCalls(1).learnt.recovery).toMatchObject({ from: start + 20_100 });
    expect(afterCalls(3).learnt.recovery).toBeUndefined();
  });

  it("are suspected after a 429, and found when the call that tries again finds no more room than they say", () => {
    let state: PoolState = askAll(
      emptyPool,
      lines(5).map((one) => asking(one)),
      start,
      {},
    ).state;
    const throttled = { kind: "throttled", retryAfterMs: 60_000 } as const;
    state = settle(state, { attempt: "anna-4#1", end: throttled }, start + 100);
    const { from } = state.learnt.recovery ?? expect.fail();
    expect(from).toBe(start + 60_100);
    const again = asking(line("anna-4", { since: start }), { attempt: "anna-4#2" });
    const { decision } = ask(state, {}, again, start + 200);
    expect(decision).toMatchObject({ kind: "wait", reason: "throttled" });
    // One alone goes first, and the others once it wasn't turned away.
    const asks = lines(5, { caller: "ben" }).map((one) => asking(one));
    const after = askAll(state, asks, from + 1_000, {});
    expect(count(after.decisions)).toBe(1);
    const believed = askAll(after.state, asks.slice(1), from + 3_000, {});
    expect(believed.state.learnt.found).toMatchObject({ count: 4, windowMs: 60_000 });
    expect(count(believed.decisions)).toBe(3);
  });

  const throttle = (state: PoolState, id: string, now: number, retryAfterMs?: number) => {
    const asked = ask(state, {}, asking(line(id)), now).state;
    const end = { kind: "throttled", ...(retryAfterMs !== undefined && { retryAfterMs }) } as const;
    return settle(asked, { attempt: `${id}#1`, end, sentAt: now }, now + 50);
  };
  const sent = (state: PoolState, asked: string, now: number) => {
    const { state: next, decision } = ask(state, {}, asking(line(asked)), now);
    expect(decision.kind).toBe("granted");
    return next;
  };

  it("aren't found by the 429s of a service that is busy: what it takes soon after refutes them", () => {
    let state: PoolState = emptyPool;
    for (let call = 0; call < 12; call += 1) {
      const now = start + call * 20_000;
      for (const one of ["a", "b", "c"]) state = sent(state, `${call}${one}`, now);
      state = throttle(state, `${call}busy`, now + 100, 1_000);
      // It tries again a second later, and is taken; two seconds after that the others may go.
      state = sent(state, `${call}again`, now + 1_200);
    }
    expect(state.learnt.found).toBeUndefined();
    const asks = lines(20).map((one) => asking(one));
    // Four at a time, and half of what was taken in the last minute.
    expect(count(askAll(state, asks, start + 240_000, {}).decisions)).toBe(8);
  });

  it("are found where nobody names a wait by tries that are turned away", () => {
    let state = throttle(sent(emptyPool, "a", start), "b", start + 100);
    expect(state.learnt.suspected).toBeUndefined();
    for (const [id, at] of [
      ["c", 1_200],
      ["d", 3_300],
      ["e", 7_400],
    ] as const)
      state = throttle(state, id, start + at);
    expect(state.learnt.found).toBeUndefined();
    state = throttle(state, "f", start + 15_600);
    expect(state.learnt.found).toMatchObject({ count: 1 });
  });

  it("go back at once to what they were when the next that was tried didn't fit, and are tried again later", () => {
    const growth = { before: 5, at: start - 1_000, times: 1 };
    const found = { count: 6, windowMs: 10_000, growAt: start + 20_000, patienceMs: 30_000, growth };
    const used = askAll(
      { ...emptyPool, learnt: { found } },
      lines(5).map((one) => asking(one)),
      start,
      {},
    ).state;
    const state = throttle(used, "one", start, 3_000);
    const before = { count: 5, windowMs: 10_000, growAt: start + 60_050, patienceMs: 60_000 };
    expect(state.learnt).toMatchObject({ found: before });
    expect(state.learnt.suspected).toBeUndefined();
  });

  it("that were found too wide shrink with the next 429", () => {
    const found = { count: 3, windowMs: 60_000, growAt: start + 600_000, patienceMs: 30_000 };
    const before = askAll(
      { ...emptyPool, learnt: { found } },
      lines(3).map((one) => asking(one)),
      start,
      {},
    ).state;
    const throttled = { kind: "throttled", retryAfterMs: 60_000 } as const;
    const away = settle(before, { attempt: "anna-2#1", end: throttled }, start + 100);
    const tried = sent(away, "again", start + 60_200);
    const next = ask(tried, {}, asking(line("next")), start + 62_500).state;
    expect(next.learnt.found).toMatchObject({ count: 2 });
  });

  it("are tried again when they were used up for long without a 429: by one more, then by two, then by four", () => {
    const found = { count: 5, windowMs: 10_000, growAt: start + 30_000, patienceMs: 30_000 };
    let state: PoolState = { ...emptyPool, learnt: { found } };
    const counts = new Set<number>();
    for (let call = 0, now = start; now < start + 100_000; now += 500) {
      const asked = ask(state, {}, asking(line(`c${call}`)), now);
      if (asked.decision.kind === "granted") call += 1;
      state = asked.state;
      counts.add(state.learnt.found?.count ?? 0);
    }
    expect([...counts]).toEqual([5, 6, 8, 12, 20]);
  });
});

describe("a service that turns some calls away, whatever it is asked", () => {
  /** Ten minutes: who comes, is served, and the next comes a second later. The nth call of all is turned away so many times first. */
  function play(limits: PoolLimits, atOnce: number, refusalsOf: (nth: number) => number) {
    let state: PoolState = emptyPool;
    const counts = { served: 0, refused: 0, made: 0 };
    const next = (since: number) => {
      counts.made += 1;
      return { id: `call-${counts.made}`, since, wakeAt: since, left: refusalsOf(counts.made), round: 0 };
    };
    let coming = Array.from({ length: atOnce }, (_, nth) => next(start + nth * 100));
    for (let now = start; now < start + 600_000; now += 100) {
      coming = coming.map((call) => {
        const { id, since, wakeAt, left, round } = call;
        if (wakeAt > now) return call;
        const attempt = `${id}#${now}`;
        const asked = ask(state, limits, asking(line(id, { since }), { attempt }), now);
        ({ state } = asked);
        if (asked.decision.kind === "wait") return { ...call, wakeAt: asked.decision.until };
        const sentAt = asked.decision.permit.at;
        const end: CallEnd =
          left > 0 ? { kind: "throttled", retryAfterMs: 1_000 } : { kind: "answered", durationMs: 500 };
        state = settle(state, { attempt, end, sentAt }, sentAt + 10);
        counts[left > 0 ? "refused" : "served"] += 1;
        if (left === 0) return next(now + 1_000);
        return { ...call, left: left - 1, round: round + 1, wakeAt: now + turnedAwayDelayMs(1_000, round) };
      });
    }
    return { ...counts, learnt: state.learnt };
  }
  const onlyTheFirst = (nth: number) => (nth === 1 ? Infinity : 0);

  it("teaches its pool nothing by one that it turns away each time, which holds up nobody", () => {
    const { served, learnt } = play({}, 13, onlyTheFirst);
    expect(served).toBeGreaterThan(0.9 * 12 * 600);
    expect(learnt.found).toBeUndefined();
    expect(learnt.recovery).toBeUndefined();
  });

  it("has nobody held up where it is asked seldom either", () => {
    expect(play({}, 2, onlyTheFirst).served).toBeGreaterThan(0.9 * 600);
  });

  it.each([sixAMinute, { requests: { count: 1, windowMs: 10_000 } }])(
    "gives such a call few of the turns that a known limit leaves its caller",
    (limits) => {
      const { served, refused } = play(limits, 4, onlyTheFirst);
      expect(refused).toBeLessThan(20);
      expect(served).toBeGreaterThan(6 * 10 - 20);
    },
  );

  it.each([
    [1, 1_500],
    [3, 400],
  ])("goes on to serve the others where it turns every tenth away, %d times", (times, minServed) => {
    const { served, learnt } = play({}, 6, (nth) => (nth % 10 === 0 ? times : 0));
    expect(served).toBeGreaterThan(minServed);
    expect(learnt.found?.count ?? Infinity).toBeGreaterThan(10);
  });
});

it("a 429 costs its caller nothing of its share", () => {
  const { state } = askAll(emptyPool, [asking(line("a"))]);
  const before = emptyPool.callers["anna"]?.finish ?? 0;
  expect(state.callers["anna"]?.finish).toBeGreaterThan(before);
  const settled = settle(state, { attempt: "a#1", end: { kind: "throttled" } }, start + 100);
  expect(settled.callers["anna"]?.finish).toBe(before);
});

it("a wall of 429s doesn't put its caller before one who came meanwhile", () => {
  const flood = lines(30).map((one) => asking(one));
  let { state } = askAll(emptyPool, flood, start, {});
  const throttled = { kind: "throttled", retryAfterMs: 10_000 } as const;
  for (const request of flood.slice(6)) {
    state = settle(state, { attempt: request.attempt, end: throttled }, start + 100);
    ({ state } = ask(state, {}, { ...request, attempt: `${request.attempt}.2` }, start + 110));
  }
  const small = asking(line("small", { caller: "ben", since: start + 5_000 }));
  ({ state } = ask(state, {}, small, start + 5_000));
  const order = [...forecast(state, {}, start + 5_000)].map(({ id }) => id);
  expect(order.slice(0, 2)).toContain("small");
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

  it("is asked all the same where nothing is known to be scarce", () => {
    expect(ask(broken, {}, asking(line("d")), start + 100).decision.kind).toBe("granted");
  });

  it("isn't judged by a refusal or a 429", () => {
    let state: PoolState = emptyPool;
    for (let call = 0; call < 5; call += 1) {
      state = ask(state, {}, asking(line(`r${call}`)), start + call * 3_000).state;
      state = settle(state, { attempt: `r${call}#1`, end: { kind: "rejected" } }, start + call * 3_000 + 5);
    }
    expect(state.breakers).toEqual({});
  });

  it("whose account is blocked is left alone after one reply, and for longer after each probe, up to minutes", () => {
    let state: PoolState = emptyPool;
    let now = start;
    const openMs = Array.from({ length: 8 }, (_, call) => {
      state = ask(state, sixAMinute, asking(line(`b${call}`)), now).state;
      state = settle(state, { attempt: `b${call}#1`, end: { kind: "blocked" } }, now + 10);
      const { openUntil = 0 } = state.breakers["sweden"] ?? {};
      const waited = openUntil - now - 10;
      now = openUntil;
      return waited / 1_000;
    });
    expect(openMs).toEqual([5, 10, 20, 40, 80, 160, 300, 300]);
  });
});

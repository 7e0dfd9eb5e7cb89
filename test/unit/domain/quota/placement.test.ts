import { describe, expect, it } from "vitest";
import { enter } from "../../../../src/domain/quota/ask.ts";
import { turnOf } from "../../../../src/domain/quota/forecast.ts";
import { choosePlace, type Place } from "../../../../src/domain/quota/placement.ts";
import { emptyPool } from "../../../../src/domain/quota/pool-state.ts";
import { askAll, asking, line, lines, sixAMinute, start } from "../../../support/quota.ts";

const full = askAll(
  emptyPool,
  lines(6).map((one) => asking(one)),
).state;
const place = (deployment: string, others: Partial<Place> = {}): Place => ({
  deployment,
  pool: deployment,
  state: emptyPool,
  limits: sixAMinute,
  priority: 1,
  weight: 1,
  cost: 1,
  ...others,
});
const choose = (places: Place[], current?: string) =>
  choosePlace(places, line("z"), start + 100, current)?.deployment;

describe("the place of a call", () => {
  it("is where there is room", () => {
    expect(choose([place("full", { state: full }), place("free")])).toBe("free");
  });

  it("isn't one with a long line, although its caller's turn would come sooner there", () => {
    const [now, mine] = [start + 6_000, line("z", { caller: "zoe" })];
    const crowd = lines(24).map((one) => asking(one));
    const long = askAll(emptyPool, crowd).state;
    const short = askAll(emptyPool, crowd.slice(0, 6), start + 5_000).state;
    const [soon, later] = [long, short].map(
      (state) => turnOf(enter(state, asking(mine), now), sixAMinute, mine.id, now).startsAt,
    );
    expect(soon).toBeLessThan(later ?? 0);
    const places = [place("long", { state: long }), place("short", { state: short })];
    expect(choosePlace(places, mine, now)?.deployment).toBe("short");
  });

  it("is the cheaper one of two that could start at once, and the one that has had less of its weight", () => {
    expect(choose([place("dear", { cost: 4 }), place("cheap", { cost: 2 })])).toBe("cheap");
    const used = askAll(emptyPool, [asking(line("a"), { deployment: "used" })]).state;
    expect(choose([place("used", { state: used, weight: 5 }), place("fresh", { cost: 9 })])).toBe("fresh");
  });

  it("is one of a lower priority only where it starts sooner there", () => {
    const spare = place("spare", { priority: 2, weight: 100 });
    expect(choose([spare, place("own")])).toBe("own");
    expect(choose([spare, place("own", { state: full })])).toBe("spare");
  });

  it("isn't one whose breaker is open", () => {
    const breakers = { broken: { failures: 3, openUntil: start + 60_000, openMs: 30_000 } };
    const shared = { pool: "one", state: { ...emptyPool, breakers } };
    expect(choose([place("broken", shared), place("well", { ...shared, cost: 9 })])).toBe("well");
  });

  it("is kept by one that waits, unless another is clearly sooner", () => {
    const later = askAll(emptyPool, [asking(line("z"))], start, { parallel: 0.5 }).state;
    expect(choose([place("new"), place("old", { state: later })], "old")).toBe("old");
    expect(choose([place("new"), place("old", { state: full })], "old")).toBe("new");
  });

  it("is undefined where there is none", () => expect(choose([])).toBeUndefined());
});

import { expect, it } from "vitest";
import { flows } from "../../../scripts/faults/flows/all.ts";
import { faults, kill, pair, planOf, singles, someSingles, two } from "../../../scripts/faults/plan/plan.ts";
import { Random } from "../../../scripts/faults/random.ts";

it("a seed gives the same numbers again, and another one others", () => {
  const numbers = (seed: number) =>
    Array.from(
      { length: 5 },
      (
        (random) => () =>
          random.next()
      )(new Random(seed)),
    );
  expect(numbers(7)).toEqual(numbers(7));
  expect(numbers(7)).not.toEqual(numbers(8));
  expect(numbers(7).every((number) => number >= 0 && number < 1)).toBe(true);
});

it("every fault strikes some flow, and every flow meets some fault, each once", () => {
  expect(new Set(singles.flatMap((run) => run.faults)).size).toBe(faults.length);
  expect(new Set(singles.map(({ flow }) => flow)).size).toBe(flows.length);
  const names = faults.map(({ name }) => name);
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  expect(singles.length).toBeGreaterThan(600);
});

it.each([
  ["single", singles.slice(0, 200)],
  ["pair", Array.from({ length: 200 }, (_, at) => pair(3, at))],
  ["two", Array.from({ length: 200 }, (_, at) => two(3, at))],
  ["kill", Array.from({ length: 200 }, (_, at) => kill(3, at))],
])("a %s is replayed by its seed", (_, plans) => {
  for (const plan of plans) expect(planOf(plan.seed)).toEqual(plan);
  expect(new Set(plans.map(({ seed }) => seed)).size).toBe(plans.length);
});

it("pairs have two or three faults that can strike their flow, and no two sets of words", () => {
  for (const { flow, faults: struck } of Array.from({ length: 300 }, (_, at) => pair(1, at))) {
    expect(struck.length).toBeGreaterThan(0);
    expect(struck.length).toBeLessThanOrEqual(3);
    expect(struck.filter(({ words }) => words !== undefined).length).toBeLessThanOrEqual(1);
    expect(struck.every((fault) => flows.some((one) => one.name === flow && fault.strikes(one)))).toBe(true);
  }
});

it("a sample is the same for the same campaign", () => {
  expect(someSingles(50, 2)).toEqual(someSingles(50, 2));
  expect(someSingles(50, 2)).not.toEqual(someSingles(50, 3));
});

it.each(["", "single-99999", "pair-1", "kill-1-x", "nonsense"])("%j is no seed", (seed) => {
  expect(planOf(seed)).toBeUndefined();
});

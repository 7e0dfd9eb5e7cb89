import { expect, it } from "vitest";
import { decodePool, encodePool } from "../../../../src/domain/quota/pool-codec.ts";
import { emptyPool } from "../../../../src/domain/quota/pool-state.ts";
import { simulate } from "../../../../scripts/bench/quota/sim/run.ts";
import { killed } from "../../../../scripts/bench/quota/scenarios.ts";
import { askAll, asking, lines } from "../../../support/quota.ts";

it("a pool's state is the same after it was written", () => {
  const asks = lines(40, { caller: "ben", following: 2, priority: "high" }).map((one) => asking(one));
  const { state } = askAll(emptyPool, asks);
  expect(decodePool(encodePool(state))).toEqual(state);
  expect(decodePool(encodePool(emptyPool))).toEqual(emptyPool);
  const [after] = simulate(killed(1)).pools;
  expect(after && decodePool(encodePool(after.state))).toEqual(after?.state);
});

it("a thousand waiting lines fit into one row", () => {
  const { state } = askAll(
    emptyPool,
    lines(1).map((one) => asking(one)),
  );
  const id = "j_01K9ZQ8W3M5T7V9X1B3D5F7H9J:00";
  const waiting = lines(1_000).map((one, index) => ({
    ...one,
    id: `${id}${index}`,
    wakeAt: one.since + 999_999,
  }));
  expect(encodePool({ ...state, waiting }).length).toBeLessThan(100_000);
});

it("a state that another version wrote begins anew", () => {
  expect(decodePool('{"version":0,"waiting":"?"}')).toEqual(emptyPool);
});

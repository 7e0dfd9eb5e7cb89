import { fork } from "node:child_process";
import { once } from "node:events";
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ask, type AskDecision } from "../../src/domain/quota/ask.ts";
import { emptyPool } from "../../src/domain/quota/pool-state.ts";
import { settle } from "../../src/domain/quota/settle.ts";
import type { QuotaPools } from "../../src/ports/quota.ts";
import { tableQuotaPools } from "../../src/adapters/storage/quota-pool-store.ts";
import { storageClients } from "../../src/adapters/storage/storage-clients.ts";
import { LossyProxy } from "../support/lossy-proxy.ts";
import { asking, line, lines, start } from "../support/quota.ts";
import { useAzurite } from "../support/storage.ts";

const azurite = useAzurite();
let pools: QuotaPools;
beforeAll(() => {
  pools = tableQuotaPools(azurite.clients().tables);
});

const tenAMinute = { requests: { count: 10, windowMs: 60_000 } };

function askFor(store: QuotaPools, pool: string, id: string, attempt = `${id}#1`): Promise<AskDecision> {
  return store.change(pool, (state) => ask(state, tenAMinute, asking(line(id), { attempt }), start));
}

const granted = (decisions: readonly AskDecision[]) => decisions.filter(({ kind }) => kind === "granted");

describe("a pool's state", () => {
  it("is empty before its first use, and what was written last after it, whatever its name", async () => {
    const pool = `Sweden/#1 ? ${randomUUID()}`;
    expect(await pools.read(pool)).toEqual(emptyPool);
    const decision = await askFor(pools, pool, "a");
    const state = await tableQuotaPools(azurite.clients().tables).read(pool);
    expect(state.permits).toEqual(decision.kind === "granted" && [decision.permit]);
    const { callers, starts, waiting } = state;
    expect({ callers, starts, waiting }).toMatchObject({
      callers: { anna: { weight: 1, finish: 1 } },
      starts: [{ at: start, requests: 1, images: 1, refused: 0 }],
      waiting: [],
    });
  });

  it("holds a thousand waiting lines", async () => {
    const pool = randomUUID();
    const waiting = lines(1_000, { caller: "one with a name of some length" }).map((one) => ({
      ...one,
      id: `${randomUUID()}:${one.id}`,
      wakeAt: start + 1_000,
    }));
    await pools.change(pool, (state) => ({ state: { ...state, waiting }, decision: undefined }));
    expect((await tableQuotaPools(azurite.clients().tables).read(pool)).waiting).toEqual(waiting);
  });

  it("is changed later with the next change, by one request for both, once it succeeds", async () => {
    const pool = randomUUID();
    await askFor(pools, pool, "first");
    const end = { kind: "answered", durationMs: 9_000 } as const;
    pools.later(pool, (state) => settle(state, { attempt: "first#1", end }, start + 9_000));
    expect((await pools.read(pool)).permits).toHaveLength(1);
    const failing = pools.change(pool, () => {
      throw new Error("It decided nothing.");
    });
    await expect(failing).rejects.toThrow("nothing");
    await askFor(pools, pool, "second");
    const { permits, durations } = await pools.read(pool);
    expect(permits.map(({ attempt }) => attempt)).toEqual(["second#1"]);
    expect(Object.values(durations)).toMatchObject([{ count: 1 }]);
    await askFor(pools, pool, "third");
    expect(Object.values((await pools.read(pool)).durations)).toMatchObject([{ count: 1 }]);
  });

  it("is written by one instance at a time: ten permits, and no more, for a hundred who ask at once", async () => {
    const pool = randomUUID();
    const stores = Array.from({ length: 4 }, () => tableQuotaPools(azurite.clients().tables));
    const asks = Array.from({ length: 100 }, (_, index) =>
      askFor(stores[index % 4] ?? pools, pool, `line-${index}`),
    );
    expect(granted(await Promise.all(asks))).toHaveLength(10);
    const { permits, waiting } = await pools.read(pool);
    expect(permits).toHaveLength(10);
    expect(waiting).toHaveLength(90);
  });

  it("is written once for all that ask while a write is on its way", async () => {
    const pool = randomUUID();
    const { tables } = azurite.clients();
    const writes = vi.spyOn(tables.jobs, "updateEntity");
    const store = tableQuotaPools(tables);
    const failing = store.change(pool, () => {
      throw new Error("It decided nothing.");
    });
    const asks = Array.from({ length: 50 }, (_, index) => askFor(store, pool, `line-${index}`));
    await expect(failing).rejects.toThrow("nothing");
    expect(granted(await Promise.all(asks))).toHaveLength(10);
    expect(writes.mock.calls.length).toBeLessThanOrEqual(1);
  });

  it("is read with those of others by one request, and then written without another", async () => {
    const names = [`a/${randomUUID()}`, `b's ${randomUUID()}`, randomUUID()];
    const [first = "", second = ""] = names;
    await Promise.all([askFor(pools, first, "x"), askFor(pools, second, "y")]);
    const { tables } = azurite.clients();
    const reads = vi.spyOn(tables.jobs, "getEntity");
    const queries = vi.spyOn(tables.jobs, "listEntities");
    const writes = vi.spyOn(tables.jobs, "updateEntity");
    const store = tableQuotaPools(tables);
    const states = await store.readAll(names, 1_000);
    expect(names.map((name) => states.get(name)?.permits.map(({ id }) => id))).toEqual([["x"], ["y"], []]);
    expect(await store.readAll([second, first], 60_000)).toMatchObject(
      new Map([
        [first, {}],
        [second, {}],
      ]),
    );
    await askFor(store, second, "z");
    expect((await pools.read(second)).permits.map(({ id }) => id)).toEqual(["y", "z"]);
    expect([reads, queries, writes].map(({ mock }) => mock.calls.length)).toEqual([0, 1, 1]);
  });

  it("is agreed on by two processes", async () => {
    const pool = randomUUID();
    const path = fileURLToPath(new URL("../support/quota-process.ts", import.meta.url));
    const children = ["one", "two"].map((name) =>
      fork(path, [azurite.connectionString(), pool, name, "40"], { stdio: "inherit" }),
    );
    const answers = await Promise.all(
      children.map(async (child) => {
        const [attempts] = (await once(child, "message")) as [string[]];
        await once(child, "exit");
        return attempts;
      }),
    );
    const attempts = answers.flat();
    expect(attempts).toHaveLength(10);
    const { permits } = await pools.read(pool);
    expect(permits.map(({ attempt }) => attempt).sort()).toEqual(attempts.sort());
  });
});

describe("an answer of storage that is lost after a permit was written", () => {
  const proxy = new LossyProxy();
  let lossy: QuotaPools;
  beforeAll(async () => {
    const direct = azurite.connectionString();
    const [, endpoint = ""] = /TableEndpoint=([^;]+)/.exec(direct) ?? [];
    const { origin } = new URL(endpoint);
    await proxy.listen(origin);
    const connectionString = direct.replace(origin, proxy.url);
    lossy = tableQuotaPools(
      storageClients({ connectionString }, () => {
        throw new Error("No identity is needed for the emulator.");
      }).tables,
    );
  });
  afterAll(() => proxy.close());

  it("gives the same permit, which takes its room once, and is settled once", async () => {
    const pool = randomUUID();
    await askFor(lossy, pool, "first");
    proxy.losing = 1;
    const decision = await askFor(lossy, pool, "second");
    expect(proxy.losing).toBe(0);
    expect(decision).toMatchObject({ kind: "granted", permit: { attempt: "second#1" } });
    const state = await pools.read(pool);
    expect(state.permits.map(({ attempt }) => attempt)).toEqual(["first#1", "second#1"]);
    expect(state.starts.reduce((sum, { requests }) => sum + requests, 0)).toBe(2);

    proxy.losing = 1;
    const end = { kind: "answered", durationMs: 9_000 } as const;
    await lossy.change(pool, (before) => ({
      state: settle(before, { attempt: "second#1", end }, start + 9_000),
      decision: undefined,
    }));
    const settled = await pools.read(pool);
    expect(settled.permits.map(({ attempt }) => attempt)).toEqual(["first#1"]);
    expect(settled.durations).toEqual({ "gpt-image-1|1024x1024|high": { count: 1, meanLog: 2.1972 } });
  });
});

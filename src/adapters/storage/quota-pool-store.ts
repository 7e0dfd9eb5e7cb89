import { odata, type TableEntityResult } from "@azure/data-tables";
import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { decodePool, encodePool } from "../../domain/quota/pool-codec.ts";
import { emptyPool, type PoolState } from "../../domain/quota/pool-state.ts";
import type { QuotaPools } from "../../ports/quota.ts";
import { ignoreNotFound, isConflict, keptChanging, type Tables } from "./tables.ts";
import { semaphore } from "../../async/semaphore.ts";

interface Seen {
  state: PoolState;
  /** Absent: there is no row yet. */
  etag?: string;
}

/** A change that waits to be written together with others. */
interface Pending {
  /** Returns how to tell its caller of the decision, once it is written. */
  decide(state: PoolState): { state: PoolState; resolve: () => void };
  reject(error: unknown): void;
}

interface SharedPool {
  turn: ReturnType<typeof semaphore>;
  edits: ((state: PoolState) => PoolState)[];
  pending: Pending[];
  /** What the row held for certain when this process had last to do with it. */
  seen?: Seen;
  /** How often this process began or ended a write. */
  writes: number;
  recalled?: { state: PoolState; at: number };
}

interface PoolRow {
  /** How many columns hold the state, `part0` first. */
  parts: number;
  [part: `part${number}`]: string;
}

const partitionKey = "quota";
// A column holds 64 KB of UTF-16.
const partLength = 32_000;
// All instances but one lose a round; one of ten instances wins after about ten.
const maxConflicts = 60;
const maxPauseMs = 25;

/**
 * One row for each pool, in a partition of the table of jobs whose name no caller's tag has. An instance writes one row at a time, and
 * begins with what it wrote before: with one instance a change costs one request. What comes meanwhile is decided in order and written
 * together (group commit), so a crowd costs few. With several instances, who meets another's write reads, after a short random
 * pause, and tries again.
 */
export function tableQuotaPools({ jobs, ensure }: Pick<Tables, "jobs" | "ensure">): QuotaPools {
  const pools = new Map<string, SharedPool>();

  function poolOf(name: string): SharedPool {
    const known = pools.get(name);
    if (known) return known;
    const pool: SharedPool = { turn: semaphore(1), edits: [], pending: [], writes: 0 };
    pools.set(name, pool);
    return pool;
  }

  async function read(name: string): Promise<Seen> {
    const row = await ignoreNotFound(jobs.getEntity<PoolRow>(partitionKey, rowKeyOf(name)));
    return row ? seenIn(row) : { state: emptyPool };
  }

  /** By name; by one request, whatever their number. */
  async function readRows(names: readonly string[]): Promise<Map<string, Seen>> {
    const [name, ...more] = names;
    if (name === undefined) return new Map();
    await ensure();
    if (more.length === 0) return new Map([[name, await read(name)]]);
    const keys = names.map((name) => odata`RowKey eq ${rowKeyOf(name)}`).join(" or ");
    const filter = `${odata`PartitionKey eq ${partitionKey}`} and (${keys})`;
    const rows = new Map<string, Seen>();
    for await (const row of jobs.listEntities<PoolRow>({ queryOptions: { filter } }))
      if (row.rowKey !== undefined) rows.set(row.rowKey, seenIn(row));
    return new Map(names.map((one) => [one, rows.get(rowKeyOf(one)) ?? { state: emptyPool }]));
  }

  /** What is read is what the next write begins with, unless this process has written meanwhile. */
  async function readAll(names: readonly string[], maxAgeMs = 0): Promise<ReadonlyMap<string, PoolState>> {
    const now = performance.now();
    const old = names.filter((name) => now - (poolOf(name).recalled?.at ?? -Infinity) >= maxAgeMs);
    const begun = new Map(old.map((name) => [name, poolOf(name).writes]));
    for (const [name, seen] of await readRows(old)) {
      const pool = poolOf(name);
      pool.recalled = { state: seen.state, at: performance.now() };
      if (pool.writes === begun.get(name)) pool.seen = seen;
    }
    return new Map(names.map((name) => [name, poolOf(name).recalled?.state ?? emptyPool]));
  }

  /** The new ETag; undefined when somebody else wrote. */
  async function write(
    name: string,
    state: PoolState,
    etag: string | undefined,
  ): Promise<string | undefined> {
    const row = { partitionKey, rowKey: rowKeyOf(name), ...partsOf(encodePool(state)) };
    try {
      const written = etag ? await jobs.updateEntity(row, "Replace", { etag }) : await jobs.createEntity(row);
      return written.etag;
    } catch (error) {
      if (isConflict(error)) return undefined;
      throw error;
    }
  }

  /** Decides and writes all that is pending, with what was to be changed later. */
  async function writePending(name: string): Promise<void> {
    const pool = poolOf(name);
    let open = pool.pending.splice(0);
    pool.writes += 1;
    try {
      await ensure();
      const edits = [...pool.edits];
      for (let conflicts = 0; conflicts < maxConflicts && open.length > 0; conflicts += 1) {
        const seen = pool.seen ?? (await read(name));
        // What fails from here on may have been written all the same.
        delete pool.seen;
        let state = edits.reduce((before, edit) => edit(before), seen.state);
        const decided = open.flatMap((one) => {
          try {
            const decision = one.decide(state);
            ({ state } = decision);
            return [{ one, resolve: decision.resolve }];
          } catch (error) {
            one.reject(error);
            return [];
          }
        });
        open = decided.map(({ one }) => one);
        const etag = open.length > 0 ? await write(name, state, seen.etag) : undefined;
        if (etag !== undefined) {
          pool.seen = { state, etag };
          pool.recalled = { state, at: performance.now() };
          pool.edits.splice(0, edits.length);
          for (const { resolve } of decided) resolve();
          return;
        }
        if (conflicts > 0) await sleep(randomInt(maxPauseMs));
      }
      throw keptChanging();
    } catch (error) {
      for (const one of open) one.reject(error);
    } finally {
      pool.writes += 1;
    }
  }

  return {
    readAll,
    async read(name, maxAgeMs) {
      const states = await readAll([name], maxAgeMs);
      return states.get(name) ?? emptyPool;
    },
    change: (name, decide) =>
      new Promise((resolve, reject) => {
        const pool = poolOf(name);
        pool.pending.push({
          decide(before) {
            const { state, decision } = decide(before);
            return { state, resolve: () => resolve(decision) };
          },
          reject,
        });
        // Where an earlier turn has taken it along, its own finds nothing to do.
        void pool.turn(() => (pool.pending.length > 0 ? writePending(name) : Promise.resolve()));
      }),
    later(name, edit) {
      poolOf(name).edits.push(edit);
    },
  };
}

function seenIn(row: TableEntityResult<PoolRow>): Seen {
  const text = Array.from({ length: row.parts }, (_, part) => row[`part${part}`] ?? "").join("");
  return { state: decodePool(text), etag: row.etag };
}

/** A pool's name may hold what a key may not. */
function rowKeyOf(pool: string): string {
  return Buffer.from(pool).toString("base64url");
}

function partsOf(text: string): PoolRow {
  const parts = Math.ceil(text.length / partLength);
  const columns = Array.from({ length: parts }, (_, part) => [
    `part${part}`,
    text.slice(part * partLength, (part + 1) * partLength),
  ]);
  return { parts, ...(Object.fromEntries(columns) as Record<`part${number}`, string>) };
}

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

interface SharedPool {
  turn: ReturnType<typeof semaphore>;
  edits: ((state: PoolState) => PoolState)[];
  seen?: Seen;
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
 * One row for each pool, in a partition of the table of jobs whose name no caller's tag has. Writers of one instance take turns, and each begins with what the one before it wrote: with one instance
 * a change costs one request. With several, who meets another's write reads, after a short random pause, and tries again.
 */
export function tableQuotaPools({ jobs, ensure }: Pick<Tables, "jobs" | "ensure">): QuotaPools {
  const pools = new Map<string, SharedPool>();

  function poolOf(name: string): SharedPool {
    const known = pools.get(name);
    if (known) return known;
    const pool: SharedPool = { turn: semaphore(1), edits: [] };
    pools.set(name, pool);
    return pool;
  }

  async function read(name: string): Promise<Seen> {
    const row = await ignoreNotFound(jobs.getEntity<PoolRow>(partitionKey, rowKeyOf(name)));
    if (!row) return { state: emptyPool };
    const text = Array.from({ length: row.parts }, (_, part) => row[`part${part}`] ?? "").join("");
    return { state: decodePool(text), etag: row.etag };
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

  return {
    async read(name) {
      await ensure();
      return (await read(name)).state;
    },
    change: (name, decide) =>
      poolOf(name).turn(async () => {
        await ensure();
        const pool = poolOf(name);
        const edits = [...pool.edits];
        for (let conflicts = 0; conflicts < maxConflicts; conflicts += 1) {
          const seen = pool.seen ?? (await read(name));
          // What fails from here on may have been written all the same.
          delete pool.seen;
          const edited = edits.reduce((before, edit) => edit(before), seen.state);
          const { state, decision } = decide(edited);
          const etag = await write(name, state, seen.etag);
          if (etag !== undefined) {
            pool.seen = { state, etag };
            pool.edits.splice(0, edits.length);
            return decision;
          }
          if (conflicts > 0) await sleep(randomInt(maxPauseMs));
        }
        throw keptChanging();
      }),
    later(name, edit) {
      poolOf(name).edits.push(edit);
    },
  };
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

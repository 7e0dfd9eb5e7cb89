import type { PoolState } from "../domain/quota/pool-state.ts";

/** The state that all instances share of each quota pool. */
export interface QuotaPools {
  /**
   * As it was last written; empty for a pool that nobody has used. Or, at no cost, as this process saw it no longer than `maxAgeMs`
   * ago: others may have written since.
   */
  read(pool: string, maxAgeMs?: number): Promise<PoolState>;
  /** The same of several pools, by one request for all that aren't remembered. */
  readAll(pools: readonly string[], maxAgeMs?: number): Promise<ReadonlyMap<string, PoolState>>;
  /**
   * Decides and writes the outcome, by compare-and-set: `decide` is called again when another instance wrote meanwhile, and when an
   * answer of storage was lost after the write. So it must give the same decision when it meets its own. Throws what `decide`
   * throws, and when storage fails.
   */
  change<T>(pool: string, decide: (state: PoolState) => { state: PoolState; decision: T }): Promise<T>;
  /**
   * To be done with this instance's next change, at no cost of its own; forgotten when the process ends. An edit may be done twice,
   * so it must change nothing then.
   */
  later(pool: string, edit: (state: PoolState) => PoolState): void;
}

import type { PoolState } from "../domain/quota/pool-state.ts";

/** The state that all instances share of each quota pool. */
export interface QuotaPools {
  /** As it was last written; empty for a pool that nobody has used. */
  read(pool: string): Promise<PoolState>;
  /**
   * Decides and writes the outcome, by compare-and-set: `decide` is called again when another instance wrote meanwhile, and when an
   * answer of storage was lost after the write. So it must give the same decision when it meets its own. Throws when storage
   * fails.
   */
  change<T>(pool: string, decide: (state: PoolState) => { state: PoolState; decision: T }): Promise<T>;
}

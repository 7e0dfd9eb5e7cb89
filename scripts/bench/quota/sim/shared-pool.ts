import { emptyPool, type PoolLimits, type PoolState } from "../../../../src/domain/quota/pool-state.ts";
import type { Random } from "../../../faults/random.ts";
import type { Mutex, Process, VirtualClock } from "./virtual-clock.ts";
import type { SimPool } from "./workload.ts";

/** One pool's state in a store that all instances share: read, decide, write if nobody else wrote. */
export class SharedPool {
  readonly name: string;
  readonly limits: PoolLimits;
  state: PoolState = emptyPool;
  requests = 0;
  conflicts = 0;
  #version = 0;
  #clock: VirtualClock;
  #random: Random;
  #lostWrites: number;

  constructor({ name, service, isKnown }: SimPool, clock: VirtualClock, random: Random, lostWrites: number) {
    this.name = name;
    const { windowMs } = service;
    this.limits = isKnown
      ? {
          requests: { count: service.requests, windowMs },
          ...(service.images !== undefined && { images: { count: service.images, windowMs } }),
          ...(service.parallel !== undefined && { parallel: service.parallel }),
        }
      : {};
    this.#clock = clock;
    this.#random = random;
    this.#lostWrites = lostWrites;
  }

  *read(): Process<PoolState> {
    this.requests += 1;
    yield this.#later();
    return this.state;
  }

  /** By compare-and-set, until it was written and known to be. An instance's own writers go one at a time. */
  *change<T>(
    mutex: Mutex,
    decide: (state: PoolState, now: number) => { state: PoolState; decision: T },
  ): Process<T> {
    yield mutex;
    try {
      for (;;) {
        const version = this.#version;
        const before = yield* this.read();
        const { state, decision } = decide(before, this.#clock.now);
        this.requests += 1;
        yield this.#later();
        if (version !== this.#version) {
          this.conflicts += 1;
          continue;
        }
        this.#version += 1;
        this.state = state;
        if (this.#random.between(1, 1_000) > this.#lostWrites) return decision;
      }
    } finally {
      mutex.leave();
    }
  }

  #later(): number {
    return this.#clock.now + this.#random.between(2, 12);
  }
}

import type { Random } from "../../../faults/random.ts";

/** What stands behind one pool. */
export interface ServiceSpec {
  /** So many requests (and images) in any stretch of `windowMs`. */
  requests: number;
  images?: number;
  windowMs: number;
  parallel?: number;
  /** Whether what was turned away counts as well. */
  countsRefused: boolean;
  saysRetryAfter: boolean;
  /** A typical call, and how far calls stray from it: 0.2 is a fifth, up and down. */
  durationMs: number;
  spread: number;
  /** By deployment: 503 from, to. */
  outages?: { deployment: string; from: number; to: number }[];
}

export type Reply =
  | { kind: "images"; durationMs: number }
  | { kind: "throttled"; retryAfterMs?: number }
  | { kind: "unavailable" };

/** Counts in a sliding window, as image services do. */
export class Service {
  readonly spec: ServiceSpec;
  readonly accepted: { at: number; deployment: string; images: number }[] = [];
  readonly throttledAt: number[] = [];
  #random: Random;
  #counted: { at: number; images: number }[] = [];
  #ends: number[] = [];

  constructor(spec: ServiceSpec, random: Random) {
    this.spec = spec;
    this.#random = random;
  }

  send(deployment: string, images: number, now: number): Reply {
    const { spec } = this;
    if (
      spec.outages?.some(
        (outage) => outage.deployment === deployment && outage.from <= now && now < outage.to,
      )
    )
      return { kind: "unavailable" };
    this.#counted = this.#counted.filter(({ at }) => at + spec.windowMs > now);
    this.#ends = this.#ends.filter((end) => end > now);
    const made = this.#counted.reduce((sum, call) => sum + call.images, 0);
    const isFull =
      this.#counted.length >= spec.requests ||
      (spec.images !== undefined && made > 0 && made + images > spec.images) ||
      this.#ends.length >= (spec.parallel ?? Infinity);
    if (isFull) return this.#refuse(now);
    const durationMs = spec.durationMs * (1 + spec.spread * (2 * this.#random.next() - 1));
    this.#counted.push({ at: now, images });
    this.#ends.push(now + durationMs);
    this.accepted.push({ at: now, deployment, images });
    return { kind: "images", durationMs };
  }

  #refuse(now: number): Reply {
    const { windowMs, countsRefused, saysRetryAfter } = this.spec;
    this.throttledAt.push(now);
    const oldest = this.#counted[0]?.at ?? now - windowMs + 1_000;
    if (countsRefused) this.#counted.push({ at: now, images: 0 });
    if (!saysRetryAfter) return { kind: "throttled" };
    return { kind: "throttled", retryAfterMs: Math.ceil((oldest + windowMs - now) / 1_000) * 1_000 };
  }
}

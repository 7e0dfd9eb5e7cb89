import { type CallerRecord, isLive } from "../../domain/caller-registry.ts";
import type { CallerLimits } from "../../domain/quota/account.ts";
import type { CallerKeys, CallerRegistry, KeyHolder } from "../../ports/callers.ts";
import type { Clock } from "../../ports/clock.ts";
import { callerByKey } from "./api-key-authenticator.ts";

// A revoked key is refused this soon on every instance, and the time of one read later.
const maxAgeMs = 5_000;
// A key that nobody knows may be new. More often than this nobody can make an instance look.
const maxAgeOfUnknownMs = 1_000;

interface Snapshot {
  readAtMs: number;
  callers: Promise<readonly CallerRecord[]>;
  isRead: boolean;
}

interface CallerLimitsByTable {
  /** Of a caller of the table, at most five seconds old. */
  limitsOf(caller: string): Promise<CallerLimits | undefined>;
}

/**
 * The keys of settings, and behind them those of the table of callers, which is read at most once a second and is at most five
 * seconds old. A key of settings costs no read.
 */
export function callerDirectory(
  settings: CallerKeys,
  registry: Pick<CallerRegistry, "list">,
  clock: Clock,
): CallerKeys & CallerLimitsByTable {
  let snapshot: Snapshot | undefined;

  /** One read at a time, which all wait for who come meanwhile. */
  function read(maximumAgeMs: number): Snapshot {
    const now = clock.now().getTime();
    if (snapshot && (!snapshot.isRead || now - snapshot.readAtMs < maximumAgeMs)) return snapshot;
    const fresh: Snapshot = { readAtMs: now, callers: registry.list(), isRead: false };
    snapshot = fresh;
    fresh.callers.then(
      () => (fresh.isRead = true),
      // A failure is the answer to those who wait for it, and to nobody after them.
      () => (snapshot = undefined),
    );
    return fresh;
  }

  async function find(
    matches: (key: { id: string; hash: string }) => boolean,
  ): Promise<KeyHolder | undefined> {
    const known = read(maxAgeMs);
    const mayBeNewer = known.isRead;
    const found = holderIn(await known.callers, matches);
    if (found || !mayBeNewer) return found;
    return holderIn(await read(maxAgeOfUnknownMs).callers, matches);
  }

  function holderIn(
    callers: readonly CallerRecord[],
    matches: (key: { id: string; hash: string }) => boolean,
  ): KeyHolder | undefined {
    for (const caller of callers) {
      const key = caller.keys.find(matches);
      if (key && isLive(caller, key, clock.now()))
        return { caller: callerByKey(caller.name), keyId: key.id, scopes: caller.scopes };
    }
    return undefined;
  }

  return {
    findByHash: async (keyHash) =>
      (await settings.findByHash(keyHash)) ?? find(({ hash }) => hash === keyHash),
    limitsOf: async (caller) =>
      (await read(maxAgeMs).callers).find(({ name }) => callerByKey(name) === caller)?.limits,
    findById: async (keyId) => (await settings.findById(keyId)) ?? find(({ id }) => id === keyId),
  };
}

import { type CallerRecord, isLive } from "../../domain/caller-registry.ts";
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
}

/**
 * The keys of settings, and behind them those of the table of callers, which is read at most once a second and is at most five
 * seconds old. A key of settings costs no read.
 */
export function callerDirectory(
  settings: CallerKeys,
  registry: Pick<CallerRegistry, "list">,
  clock: Clock,
): CallerKeys {
  let snapshot: Snapshot | undefined;

  function read(maximumAgeMs: number): Snapshot {
    const now = clock.now().getTime();
    if (snapshot && now - snapshot.readAtMs < maximumAgeMs) return snapshot;
    const fresh = { readAtMs: now, callers: registry.list() };
    snapshot = fresh;
    // A failure is the answer to those who wait for it, and to nobody after them.
    fresh.callers.catch(() => {
      if (snapshot === fresh) snapshot = undefined;
    });
    return fresh;
  }

  async function find(
    matches: (key: { id: string; hash: string }) => boolean,
  ): Promise<KeyHolder | undefined> {
    for (const ageMs of [maxAgeMs, maxAgeOfUnknownMs]) {
      const callers = await read(ageMs).callers;
      for (const caller of callers) {
        const key = caller.keys.find(matches);
        if (!key) continue;
        if (!isLive(caller, key, clock.now())) return undefined;
        return { caller: callerByKey(caller.name), keyId: key.id, scopes: caller.scopes };
      }
    }
    return undefined;
  }

  return {
    findByHash: async (keyHash) =>
      (await settings.findByHash(keyHash)) ?? find(({ hash }) => hash === keyHash),
    findById: async (keyId) => (await settings.findById(keyId)) ?? find(({ id }) => id === keyId),
  };
}

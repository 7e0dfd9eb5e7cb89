import { AppError } from "./app-error.ts";
import type { Scope } from "./identity.ts";
import type { CallerLimits } from "./quota/account.ts";

/** Callers that operators add while the app runs, and their keys. Times are ISO 8601 in UTC. */

export interface CallerKey {
  /** Tells keys apart, and is no secret. */
  id: string;
  /** SHA-256 of the key, in hex. The key itself is nowhere. */
  hash: string;
  createdAt: string;
  expiresAt?: string | undefined;
  revokedAt?: string | undefined;
}

export interface CallerRecord {
  name: string;
  scopes: readonly Scope[];
  createdAt: string;
  expiresAt?: string | undefined;
  keys: readonly CallerKey[];
  /** What its jobs may take; absent: what settings say of callers that they don't name. */
  limits?: CallerLimits | undefined;
}

const maxKeys = 50;

/** Whether the key opens anything now: neither it nor its caller has ended. */
export function isLive(caller: CallerRecord, key: CallerKey, now: Date): boolean {
  const ends = [caller.expiresAt, key.expiresAt].filter((end) => end !== undefined);
  return key.revokedAt === undefined && ends.every((end) => Date.parse(end) > now.getTime());
}

/** The caller with one more key. Throws `conflict` when it has the most that a caller may have, revoked ones included. */
export function withKey(caller: CallerRecord, key: CallerKey): CallerRecord {
  if (caller.keys.length >= maxKeys)
    throw new AppError("conflict", `${caller.name} has ${maxKeys} keys, which is the most.`);
  return { ...caller, keys: [...caller.keys, key] };
}

/**
 * The caller with that key revoked; a key that is revoked already stays as it is. Throws `notFound`, and `conflict` for the
 * last key by which an operator can come in: nobody could give another one then. `hasOtherOperator`: settings name one.
 */
export function withoutKey(
  all: readonly CallerRecord[],
  { name, keyId }: { name: string; keyId: string },
  { now, hasOtherOperator }: { now: Date; hasOtherOperator: boolean },
): CallerRecord {
  const caller = all.find((one) => one.name === name);
  const key = caller?.keys.find(({ id }) => id === keyId);
  if (!caller || !key) throw new AppError("notFound", `${name} has no key ${keyId}.`);
  const operators = all.flatMap((one) =>
    one.scopes.includes("operator") ? one.keys.filter((each) => isLive(one, each, now)) : [],
  );
  if (!hasOtherOperator && operators.length === 1 && operators[0] === key)
    throw new AppError("conflict", "This is the last key of an operator; add another one before it goes.");
  const revokedAt = key.revokedAt ?? now.toISOString();
  return { ...caller, keys: caller.keys.map((each) => (each === key ? { ...each, revokedAt } : each)) };
}

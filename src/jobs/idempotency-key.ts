import { createHash } from "node:crypto";
import { canonicalJson } from "../domain/canonical-json.ts";
import { type IdempotencyKey, parseIdempotencyKey, kindOfTry } from "../domain/idempotency.ts";
import type { JobIds } from "../ports/jobs.ts";

export interface Asked {
  headers: { get(name: string): string | null };
  caller: string;
  /** Where it was sent: the same body asks for something else elsewhere. */
  route: string;
  /** The checked body; anything else that matters, such as files, by its hash. */
  body: unknown;
}

/**
 * The key of a request that may be a replay; undefined for one that can't be told from others. Throws
 * `invalidRequest` for a key that is none. Compared is what was asked for, not what was made of it: another default, or
 * another deployment since, doesn't turn a repetition into another request.
 */
export function idempotencyKeyOf({ ids }: { ids: JobIds }, asked: Asked): IdempotencyKey | undefined {
  const { headers, caller } = asked;
  const key = parseIdempotencyKey(headers.get("idempotency-key"));
  const kind = key === undefined ? kindOfTry(headers.get("x-stainless-retry-count")) : "key";
  if (kind === undefined) return undefined;
  const bodyHash = hashOfAsked(asked);
  const name = key === undefined ? `body-${bodyHash}` : `key-${hashOf([caller, key])}`;
  return { kind, tag: ids.tagOf(caller), name, bodyHash };
}

/** The caller as well: their tag alone, which is short, may be somebody else's too. */
export function hashOfAsked({ caller, route, body }: Asked): string {
  return hashOf([caller, route, body]);
}

export function hashOf(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex");
}

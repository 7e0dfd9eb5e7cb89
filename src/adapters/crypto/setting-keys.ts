import { timingSafeEqual } from "node:crypto";
import { tokenScopes } from "../../domain/identity.ts";
import type { CallerKeys, KeyHolder } from "../../ports/callers.ts";
import { callerByKey } from "./api-key-authenticator.ts";

const keyIdDigits = 16;

/** What keys are told apart by: the beginning of their SHA-256, which opens nothing. */
export function keyIdOf(keyHash: string): string {
  return keyHash.slice(0, keyIdDigits).toLowerCase();
}

/** The keys of API_KEYS, caller id to SHA-256 in hex: there from the first start on, and gone with their entry. */
export function settingKeys(apiKeys: ReadonlyMap<string, string>): CallerKeys {
  const known = [...apiKeys].map(([name, hex]) => ({
    hash: Buffer.from(hex, "hex"),
    holder: { caller: callerByKey(name), keyId: keyIdOf(hex), scopes: tokenScopes } satisfies KeyHolder,
  }));

  return {
    findByHash(keyHash) {
      const hash = Buffer.from(keyHash, "hex");
      // Every key is compared, whether or not one has matched: how long it takes tells nothing.
      const [match] = known.filter((candidate) => timingSafeEqual(candidate.hash, hash));
      return Promise.resolve(match?.holder);
    },
    findById: (keyId) => Promise.resolve(known.find(({ holder }) => holder.keyId === keyId)?.holder),
  };
}

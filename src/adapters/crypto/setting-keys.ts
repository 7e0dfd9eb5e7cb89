import { timingSafeEqual } from "node:crypto";
import { scopes, tokenScopes } from "../../domain/identity.ts";
import type { CallerKeys, KeyHolder, SettingCaller } from "../../ports/callers.ts";
import { callerByKey } from "./api-key-authenticator.ts";

const keyIdDigits = 16;

/** What keys are told apart by: the beginning of their SHA-256, which opens nothing. */
export function keyIdOf(keyHash: string): string {
  return keyHash.slice(0, keyIdDigits).toLowerCase();
}

/** The callers of API_KEYS, as operators see them. */
export function settingCallers(apiKeys: ReadonlyMap<string, string>, operator?: string): SettingCaller[] {
  return [...apiKeys].map(([name, hex]) => ({
    name,
    keyId: keyIdOf(hex),
    scopes: callerByKey(name) === operator ? scopes : tokenScopes,
  }));
}

/** The keys of API_KEYS, caller id to SHA-256 in hex: there from the first start on, and gone with their entry. `operator` is a caller. */
export function settingKeys(apiKeys: ReadonlyMap<string, string>, operator?: string): CallerKeys {
  const known = settingCallers(apiKeys, operator).map(({ name, ...facts }) => ({
    hash: Buffer.from(apiKeys.get(name) ?? "", "hex"),
    holder: { caller: callerByKey(name), ...facts } satisfies KeyHolder,
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

import { createHash } from "node:crypto";
import { jwtAccessTokens } from "../../src/adapters/crypto/access-tokens.ts";
import { apiKeyAuthenticator } from "../../src/adapters/crypto/api-key-authenticator.ts";
import { settingKeys } from "../../src/adapters/crypto/setting-keys.ts";
import { FakeClock } from "./fakes.ts";

export const signingKey = "a signing key of more than 32 characters";
export const hashOf = (key: string) => createHash("sha256").update(key).digest("hex");

/** The app's own authenticator over keys from settings. */
export function keyAuthenticator({
  apiKeys,
  trustsEntraHeader = false,
  clock = new FakeClock(),
}: {
  apiKeys: ReadonlyMap<string, string>;
  trustsEntraHeader?: boolean;
  clock?: FakeClock;
}) {
  const tokens = jwtAccessTokens(signingKey, clock);
  return apiKeyAuthenticator({ keys: settingKeys(apiKeys), tokens, trustsEntraHeader });
}

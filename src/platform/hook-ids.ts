import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { type HookKey, keyText, splitHookId } from "../domain/hook.ts";
import type { HookIds } from "../ports.ts";

/**
 * An id of a hook is what it names and an HMAC-SHA256 over that and a purpose of its own: whoever has one may end the hook,
 * without a key, and nobody else can make one. It is the same whenever it is made.
 */
export function hmacHookIds(signingKey: string): HookIds {
  const sign = (key: HookKey) =>
    createHmac("sha256", signingKey)
      .update(`hook\n${keyText(key)}`)
      .digest("base64url");

  return {
    nameOf: (caller, url) =>
      createHash("sha256")
        .update(JSON.stringify([caller, url]))
        .digest("hex")
        .slice(0, 32),
    write: (key) => `${keyText(key)}_${sign(key)}`,
    read(id) {
      const parts = splitHookId(id);
      if (!parts) return undefined;
      const [given, right] = [Buffer.from(parts.signature), Buffer.from(sign(parts.key))];
      const isGenuine = given.byteLength === right.byteLength && timingSafeEqual(given, right);
      return isGenuine ? parts.key : undefined;
    },
  };
}

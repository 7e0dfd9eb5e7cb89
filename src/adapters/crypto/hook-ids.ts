import { createHash } from "node:crypto";
import { keyText, splitHookId } from "../../domain/hook.ts";
import type { HookIds } from "../../ports/deliveries.ts";
import { purposeSigner } from "./purpose-signer.ts";

/**
 * An id of a hook is what it names and a signature of that: anyone who has one may end the hook,
 * without a key, and nobody else can make one. It is the same whenever it is made.
 */
export function hmacHookIds(signingKey: string): HookIds {
  const { sign, isGenuine } = purposeSigner(signingKey, "hook");

  return {
    nameOf: (caller, url) =>
      createHash("sha256")
        .update(JSON.stringify([caller, url]))
        .digest("hex")
        .slice(0, 32),
    write: (key) => `${keyText(key)}_${sign(keyText(key))}`,
    read(id) {
      const parts = splitHookId(id);
      if (!parts) return undefined;
      return isGenuine(keyText(parts.key), parts.signature) ? parts.key : undefined;
    },
  };
}

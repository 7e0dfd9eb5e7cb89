import type { CursorSigner } from "../../ports/callers.ts";
import { purposeSigner } from "./purpose-signer.ts";

/** Signs cursors. */
export function hmacCursorSigner(signingKey: string): CursorSigner {
  const { sign, isGenuine } = purposeSigner(signingKey, "cursor");
  return { sign, verify: isGenuine };
}

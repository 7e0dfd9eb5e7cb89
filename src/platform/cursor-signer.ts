import { createHmac, timingSafeEqual } from "node:crypto";
import type { CursorSigner } from "../ports.ts";

/** Signs cursors: an HMAC-SHA256 over purpose and text, so that a signature made for anything else doesn't fit. */
export function hmacCursorSigner(signingKey: string): CursorSigner {
  const sign = (text: string) =>
    createHmac("sha256", signingKey).update(`cursor\n${text}`).digest("base64url");

  return {
    sign,
    verify(text, signature) {
      const given = Buffer.from(signature);
      const right = Buffer.from(sign(text));
      return given.byteLength === right.byteLength && timingSafeEqual(given, right);
    },
  };
}

import { createHmac, timingSafeEqual } from "node:crypto";

export interface PurposeSigner {
  sign: (text: string) => string;
  isGenuine: (text: string, signature: string) => boolean;
}

/**
 * HMAC-SHA256 over a purpose and a text, in base64url: under one key, a signature made for anything else doesn't fit. It is
 * compared in constant time, so that nobody can find one out bit by bit.
 */
export function purposeSigner(signingKey: string, purpose: string): PurposeSigner {
  const sign = (text: string) =>
    createHmac("sha256", signingKey).update(`${purpose}\n${text}`).digest("base64url");

  return {
    sign,
    isGenuine: (text, signature) => {
      const given = Buffer.from(signature);
      const right = Buffer.from(sign(text));
      return given.byteLength === right.byteLength && timingSafeEqual(given, right);
    },
  };
}

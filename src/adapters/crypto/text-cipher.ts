import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import type { TextCipher } from "../../ports/images.ts";

const algorithm = "aes-256-gcm";
const nonceBytes = 12;
const tagBytes = 16;

/**
 * AES-256-GCM under a key that HKDF-SHA256 derives from the signing key for one purpose; in base64: nonce, tag, text. The place
 * is bound in: what was written for one doesn't open at another.
 */
export function textCipher(signingKey: string, purpose: string): TextCipher {
  const key = Buffer.from(hkdfSync("sha256", signingKey, "", `darkroom ${purpose}`, 32));

  return {
    encrypt(text, place) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(place));
      const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64");
    },
    decrypt(encrypted, place) {
      const bytes = Buffer.from(encrypted, "base64");
      const [nonce, tag] = [bytes.subarray(0, nonceBytes), bytes.subarray(nonceBytes, nonceBytes + tagBytes)];
      if (tag.length < tagBytes) return undefined;
      const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: tagBytes })
        .setAAD(Buffer.from(place))
        .setAuthTag(tag);
      try {
        const body = bytes.subarray(nonceBytes + tagBytes);
        return Buffer.concat([decipher.update(body), decipher.final()]).toString("utf8");
      } catch {
        // Not ours, changed, or of a signing key that was replaced.
        return undefined;
      }
    },
  };
}

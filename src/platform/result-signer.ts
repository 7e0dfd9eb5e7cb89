import { createHmac, timingSafeEqual } from "node:crypto";
import type { Clock, ResultSigner } from "../ports.ts";

const hourMs = 3_600_000;

/**
 * Signs the address of one job's result, so that a poller without credentials can read that job and nothing else.
 * The signature is an HMAC-SHA256 over purpose, job and expiry; one made for another job or purpose doesn't fit.
 */
export function hmacResultSigner(signingKey: string, ttlHours: number, clock: Clock): ResultSigner {
  const sign = (jobId: string, expires: string) =>
    createHmac("sha256", signingKey).update(`result\n${jobId}\n${expires}`).digest("base64url");

  return {
    sign(jobId) {
      const expires = String(Math.floor((clock.now().getTime() + ttlHours * hourMs) / 1000));
      return { expires, signature: sign(jobId, expires) };
    },
    verify(jobId, { expires, signature }) {
      const given = Buffer.from(signature);
      const right = Buffer.from(sign(jobId, expires));
      const isGenuine = given.byteLength === right.byteLength && timingSafeEqual(given, right);
      return isGenuine && Number(expires) * 1000 > clock.now().getTime();
    },
  };
}

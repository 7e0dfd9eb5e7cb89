import type { ResultSigner } from "../../ports/callers.ts";
import type { Clock } from "../../ports/clock.ts";
import { linkTimes } from "../../domain/link-times.ts";
import { purposeSigner } from "./purpose-signer.ts";

const hourMs = 3_600_000;

/**
 * Signs the address of one job's result, so that a poller without credentials can read that job and nothing else.
 * What is signed is job and expiry; a signature made for another job doesn't fit. The address is the same all hour.
 */
export function hmacResultSigner(
  signingKey: string,
  ttlHours: number,
  clock: Clock,
  purpose = "result",
): ResultSigner {
  const { sign, isGenuine } = purposeSigner(signingKey, purpose);
  const signed = (jobId: string, expires: string) => `${jobId}\n${expires}`;

  return {
    sign(jobId) {
      const expires = String(
        Math.floor(linkTimes(clock.now().getTime(), ttlHours * hourMs).expiresAt / 1000),
      );
      return { expires, signature: sign(signed(jobId, expires)) };
    },
    verify(jobId, { expires, signature }) {
      return isGenuine(signed(jobId, expires), signature) && Number(expires) * 1000 > clock.now().getTime();
    },
  };
}

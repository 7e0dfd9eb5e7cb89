export const maxWaitSeconds = 200;
const defaultWaitSeconds = 60;

/**
 * Seconds that the caller is ready to wait, from `Prefer: wait=N` (RFC 7240); 0 without it. More than the platform can
 * hold a reply for is cut to the most it can: a preference is not a demand.
 */
export function preferredWaitSeconds(prefer: string | null): number {
  const match = /(?:^|[,;])\s*wait\s*(?:=\s*"?(\d+)"?\s*)?(?:$|[,;])/i.exec(prefer ?? "");
  if (!match) return 0;
  return Math.min(maxWaitSeconds, match[1] === undefined ? defaultWaitSeconds : Number(match[1]));
}

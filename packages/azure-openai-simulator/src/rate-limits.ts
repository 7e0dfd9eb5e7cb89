import type { RateLimitSetting } from "./settings.ts";

interface Taken {
  at: number;
  images: number;
}

export interface RateDecision {
  /** Absent: the call is taken. */
  retryAfterSeconds?: number;
  headers: Record<string, string>;
}

/** What deployments have taken of late, where the settings limit them. Windows slide, as the service's do. */
export class RateLimits {
  readonly #taken = new Map<string, Taken[]>();

  /** Takes a call, or says when there will be room. Headers are those of OpenAI's page on rate limits. */
  take(deployment: string, limit: RateLimitSetting, images: number, now: number): RateDecision {
    const { requests, images: maxImages, window_ms: windowMs, counts_refused: countsRefused } = limit;
    const recent = (this.#taken.get(deployment) ?? []).filter(({ at }) => at + windowMs > now);
    this.#taken.set(deployment, recent);
    const made = recent.reduce((sum, call) => sum + call.images, 0);
    const isFull =
      recent.length >= requests || (maxImages !== undefined && made > 0 && made + images > maxImages);
    const resetMs = (recent[0]?.at ?? now) + windowMs - now;
    if (!isFull || countsRefused) recent.push({ at: now, images: isFull ? 0 : images });
    const headers = limit.headers
      ? headersOf(limit, { requests: recent.length, images: made + images, resetMs })
      : {};
    return isFull ? { retryAfterSeconds: Math.ceil(resetMs / 1_000), headers } : { headers };
  }
}

function headersOf(
  { requests, images }: RateLimitSetting,
  used: { requests: number; images: number; resetMs: number },
): Record<string, string> {
  const reset = `${used.resetMs}ms`;
  const said = (unit: string, limit: number, taken: number) => ({
    [`x-ratelimit-limit-${unit}`]: String(limit),
    [`x-ratelimit-remaining-${unit}`]: String(Math.max(0, limit - taken)),
    [`x-ratelimit-reset-${unit}`]: reset,
  });
  return {
    ...said("requests", requests, used.requests),
    ...(images !== undefined && said("images", images, used.images)),
  };
}

/** Throws the signal's reason once it is aborted. Engines of phones may lack `throwIfAborted`. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return;
  const reason: unknown = signal.reason;
  throw reason instanceof Error ? reason : new Error("Aborted.", { cause: reason });
}

/** Waits; throws the signal's reason as soon as it is aborted. */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  throwIfAborted(signal);
  await new Promise<void>((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    signal?.addEventListener("abort", wake);
  });
  throwIfAborted(signal);
}

const firstBackoffMs = 500;
const maxBackoffMs = 10_000;
const maxRetryAfterMs = 60_000;

/** How long to wait before the next attempt: what the service said, or twice as long each time, with jitter. */
export function backoffMs(failures: number, retryAfterMs: number | undefined): number {
  if (retryAfterMs !== undefined) return Math.min(retryAfterMs, maxRetryAfterMs);
  const full = Math.min(firstBackoffMs * 2 ** Math.max(failures - 1, 0), maxBackoffMs);
  return full * (0.5 + Math.random() / 2);
}

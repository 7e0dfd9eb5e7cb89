/** Pauses that end early, all at once, when there is reason to try again: the network came back. */
export function retrySignal() {
  const waiting = new Set<() => void>();
  return {
    fire(): void {
      for (const resume of [...waiting]) resume();
    },
    async pause(ms: number, signal?: AbortSignal): Promise<void> {
      if (signal?.aborted) return;
      await new Promise<void>((resolve) => {
        const resume = () => {
          clearTimeout(timer);
          waiting.delete(resume);
          signal?.removeEventListener("abort", resume);
          resolve();
        };
        const timer = setTimeout(resume, ms);
        waiting.add(resume);
        signal?.addEventListener("abort", resume, { once: true });
      });
    },
  };
}

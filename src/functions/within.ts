import { setTimeout as sleep } from "node:timers/promises";

/** What `run` comes to; throws once it has taken too long. Then it goes on by itself, and nobody hears of its end. */
export async function within<T>(ms: number, run: Promise<T>): Promise<T> {
  const watch = new AbortController();
  const timeIsUp = async (): Promise<never> => {
    await sleep(ms, undefined, { signal: watch.signal });
    throw new Error(`it took more than ${ms / 1_000} s`);
  };
  try {
    return await Promise.race([run, timeIsUp()]);
  } finally {
    watch.abort();
  }
}

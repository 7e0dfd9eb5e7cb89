/** What `run` comes to; throws once it has taken too long. Then it goes on by itself, and nobody hears of its end. */
export async function within<T>(ms: number, run: Promise<T>): Promise<T> {
  const { promise: timeIsUp, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`it took more than ${ms / 1_000} s`)), ms);
  try {
    return await Promise.race([run, timeIsUp]);
  } finally {
    clearTimeout(timer);
  }
}

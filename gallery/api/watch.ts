import { type ApiClient, ApiError, AwayError } from "./client.ts";
import { eventReader } from "./sse.ts";
import { isEnded, type Job, type JobNews } from "./types.ts";

export interface Watcher {
  /** One event, in order; none is told twice. */
  news(news: JobNews): void;
  /** The whole job, when it was asked for instead. */
  snapshot(job: Job): void;
  reach(isThere: boolean): void;
}

export interface WatchOptions {
  api: Pick<ApiClient, "events" | "job">;
  signal: AbortSignal;
  /** Resolves after so long, or sooner when there is reason to try again at once. */
  pause: (ms: number) => Promise<void>;
  /** Asks again and again from the start: streams are few. */
  asksOnly?: boolean;
  /** A connection silent for longer than this is dead: the server says something every 15 seconds. */
  silenceMs?: number;
}

const pollMs = 1_500;
const maxPauseMs = 15_000;
const noSuchRoute = [404, 405, 501];

/** Follows a job to its end: by events, resumed where they broke off, or by asking again and again. */
export async function watchJob(id: string, watcher: Watcher, options: WatchOptions): Promise<void> {
  const { api, signal, pause } = options;
  const events = eventWatch(id, watcher, options);
  let asks = options.asksOnly ?? false;
  let failures = 0;
  const isAborted = () => signal.aborted;
  while (!isAborted()) {
    try {
      if (asks) {
        const job = await api.job(id, signal);
        watcher.reach(true);
        watcher.snapshot(job);
        if (isEnded(job)) return;
        await pause(pollMs);
      } else if (await events.run()) return;
      // The server ends a stream that lasts; that is no failure.
      failures = 0;
    } catch (error) {
      if (isAborted()) return;
      if (!(error instanceof ApiError) && !(error instanceof AwayError)) throw error;
      if (error instanceof AwayError) watcher.reach(false);
      else if (!asks && noSuchRoute.includes(error.status)) {
        asks = true;
        continue;
      } else if (error.status === 400) events.reset();
      else if (error.status < 500 && error.status !== 429) return;
      failures = events.progressed() ? 1 : failures + 1;
      const wait = error instanceof ApiError ? error.retryAfterMs : 0;
      await pause(Math.max(wait, Math.min(maxPauseMs, 500 * 2 ** (failures - 1))));
    }
  }
}

function eventWatch(id: string, watcher: Watcher, { api, signal, silenceMs = 40_000 }: WatchOptions) {
  let after = "";
  let hasProgressed = false;

  /** Reads one connection; true when the job's end was told. */
  async function run(): Promise<boolean> {
    const connection = new AbortController();
    const stop = () => connection.abort();
    signal.addEventListener("abort", stop, { once: true });
    let silence = setTimeout(stop, silenceMs);
    try {
      const reply = await api.events(id, after, connection.signal);
      watcher.reach(true);
      let ended = false;
      const hasEnded = () => ended;
      const read = eventReader(({ id: eventId, data }) => {
        after = eventId;
        hasProgressed = true;
        const news = JSON.parse(data) as JobNews;
        watcher.news(news);
        ended ||= "job" in news;
      });
      const decoder = new TextDecoder();
      const reader = reply.body?.getReader();
      for (;;) {
        const piece = await reader?.read();
        // Set while pieces are read, which the compiler doesn't see.
        if (!piece || piece.done) return hasEnded();
        clearTimeout(silence);
        silence = setTimeout(stop, silenceMs);
        read(decoder.decode(piece.value, { stream: true }));
        if (hasEnded()) return true;
      }
    } catch (error) {
      if (error instanceof ApiError || error instanceof AwayError) throw error;
      throw new AwayError("The events broke off.", { cause: error });
    } finally {
      clearTimeout(silence);
      signal.removeEventListener("abort", stop);
      connection.abort();
    }
  }

  return {
    run,
    reset: () => (after = ""),
    progressed: () => {
      const did = hasProgressed;
      hasProgressed = false;
      return did;
    },
  };
}

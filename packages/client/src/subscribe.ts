import { ApiError, ConnectionError, JobError } from "./errors.ts";
import { readMessages } from "./event-stream.ts";
import { hasEnded, type JobUpdate, withEvent } from "./job-update.ts";
import { backoffMs, pause, throwIfAborted } from "./pause.ts";
import type { Session } from "./session.ts";
import type { Job, JobEvent } from "./types.ts";

export interface SubscribeOptions {
  /** Called with all that is known, at once and after each change. */
  onUpdate?: (update: JobUpdate) => void;
  /** Ends the watching, not the job. */
  signal?: AbortSignal;
  /** How often a job is read where answers can't be streamed, in milliseconds. Default 2000. */
  pollMs?: number;
  /** How often in a row it is tried without an answer. Default 30, about five minutes. */
  maxAttempts?: number;
}

// Three of the comments that the service sends to keep a connection.
const stallMs = 45_000;

/** Watches a job to its end, over lost connections. Events are numbered: none is missed, none comes twice. */
export class Subscription {
  readonly #session: Session;
  readonly #id: string;
  readonly #options: SubscribeOptions;
  #lastEventId: string | undefined;

  constructor(session: Session, id: string, options: SubscribeOptions) {
    this.#session = session;
    this.#id = id;
    this.#options = options;
  }

  /** The job with at least one image. Throws `JobError` for any other end. */
  async ended(): Promise<Job> {
    const { signal, maxAttempts = 30 } = this.#options;
    let update: JobUpdate | undefined;
    for (let failures = 0; ;) {
      let isAnswered = false;
      try {
        for await (const next of this.#updates(update)) {
          isAnswered = true;
          update = next;
          this.#options.onUpdate?.(next);
        }
      } catch (error) {
        throwIfAborted(signal);
        if (!isPassing(error)) throw error;
        failures = isAnswered ? 1 : failures + 1;
        if (failures >= maxAttempts) throw error;
        await pause(backoffMs(failures, error instanceof ApiError ? error.retryAfterMs : undefined), signal);
        continue;
      }
      failures = 0;
      if (update && hasEnded(update.job)) return successOf(update.job);
    }
  }

  /** Of one connection, or one poll. */
  async *#updates(known: JobUpdate | undefined): AsyncGenerator<JobUpdate, void> {
    const { signal, pollMs = 2_000 } = this.#options;
    const canStream = this.#session.canStream;
    if (known && !canStream) await pause(pollMs, signal);
    let update: JobUpdate = { job: await this.#read(), partials: known?.partials ?? [] };
    yield update;
    if (hasEnded(update.job) || !canStream) return;
    for await (const event of this.#events()) {
      update = withEvent(update, event);
      yield update;
      if (hasEnded(update.job)) return;
    }
  }

  async #read(): Promise<Job> {
    return this.#session.json<Job>(`/api/jobs/${encodeURIComponent(this.#id)}`, this.#once());
  }

  async *#events(): AsyncGenerator<JobEvent, void> {
    const last = this.#lastEventId;
    const response = await this.#session.send(`/api/jobs/${encodeURIComponent(this.#id)}/events`, {
      ...this.#once(),
      headers: { accept: "text/event-stream", ...(last !== undefined && { "last-event-id": last }) },
    });
    // Nothing comes behind what was seen already (204).
    if (!response.body) return;
    try {
      for await (const { id, data } of readMessages(response.body, stallMs)) {
        this.#lastEventId = id ?? this.#lastEventId;
        yield JSON.parse(data) as JobEvent;
      }
    } catch (error) {
      throw new ConnectionError("The connection was lost.", { cause: error });
    }
  }

  /** Repeated by `ended`, which goes on where it was. */
  #once() {
    return { signal: this.#options.signal, maxRetries: 0 };
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof ConnectionError || (error instanceof ApiError && error.retryable);
}

function successOf(job: Job): Job {
  if (job.status === "succeeded") return job;
  throw new JobError(job);
}

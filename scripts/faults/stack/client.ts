import { setTimeout as sleep } from "node:timers/promises";
import { hasEnded, type JobView, jobView } from "../job-view.ts";
import type { Stack } from "./stack.ts";

const pauseMs = 200;
const maxPauseMs = 1_000;
// A client that gives up: longer than any planned outage.
const triesMs = 100_000;

/** A caller who asks again when an answer is lost or says that something broke, as real clients do. */
export class Client {
  readonly #stack: Stack;
  /** Which process of the app is asked next; two take turns. */
  #turn: number;
  /** What was answered in place of success, in order. */
  readonly troubles: string[] = [];

  constructor(stack: Stack, firstTurn = 0) {
    this.#stack = stack;
    this.#turn = firstTurn;
  }

  /** One try. Throws when the connection breaks. */
  async ask(path: string, init: RequestInit = {}): Promise<Response> {
    const { urls, key } = this.#stack;
    const url = urls[this.#turn++ % urls.length];
    const headers = new Headers(init.headers);
    headers.set("api-key", key);
    return fetch(new URL(path, url), { redirect: "manual", ...init, headers });
  }

  /**
   * Tries until one of these statuses is answered; `undefined` when time is up, or when the answer is final (410).
   * Storage's faults show as all sorts of errors, so anything else is tried again.
   */
  async until(
    statuses: readonly number[],
    path: string,
    init: RequestInit = {},
  ): Promise<Response | undefined> {
    const end = Date.now() + triesMs;
    while (Date.now() < end) {
      try {
        const reply = await this.ask(path, init);
        if (statuses.includes(reply.status)) return await whole(reply);
        this.troubles.push(`${init.method ?? "GET"} ${reply.status}: ${(await reply.text()).slice(0, 200)}`);
        if (reply.status === 410) return undefined;
      } catch (error) {
        this.troubles.push(`${init.method ?? "GET"}: ${causeOf(error)}`);
      }
      await sleep(pauseMs);
    }
    return undefined;
  }

  async postJson(path: string, body: object, headers: Record<string, string> = {}) {
    const init = {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    };
    return this.until([200, 201, 202], path, init);
  }

  /** The job as it stands now; undefined when it can't be read or is gone. */
  async job(id: string): Promise<JobView | undefined> {
    try {
      const reply = await this.ask(`/api/jobs/${id}`);
      const text = await reply.text();
      return reply.status === 200 ? jobView.parse(JSON.parse(text)) : undefined;
    } catch {
      // A reader asks again.
      return undefined;
    }
  }

  /** Reads the job until it has ended or the time is up; tells each status that was seen. */
  async ended(id: string, untilMs: number, onStatus: (status: string) => void): Promise<JobView | undefined> {
    for (let pause = pauseMs; ; pause = Math.min(maxPauseMs, pause * 1.1)) {
      const job = await this.job(id);
      if (job) onStatus(job.status);
      if (job && hasEnded(job.status)) return job;
      if (Date.now() > untilMs) return job;
      await sleep(pause);
    }
  }
}

/** An answer with its body in hand: one that is cut off while it is read is lost, and asked for again. */
async function whole(reply: Response): Promise<Response> {
  const body = await reply.arrayBuffer();
  return new Response(body.byteLength > 0 ? body : null, reply);
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

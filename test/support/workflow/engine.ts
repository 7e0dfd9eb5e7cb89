import { setTimeout as sleep } from "node:timers/promises";
import type { Connection, Reply } from "./connection.ts";
import { buildRequest, type Filling, type Inputs, type Request } from "./requests.ts";

export interface Outcome {
  status: number;
  /** The body as JSON. */
  body: unknown;
  content: Buffer;
  headers: Headers;
  /** Statuses of all answers in the order in which they came, and "lost" for what came to nothing. */
  answers: (number | "lost")[];
  /** Seconds that answers asked to wait. */
  retryAfters: number[];
  /** The workflow's own time limit was reached: nobody polls any more. */
  isTimedOut: boolean;
}

/** Where in a workflow an action stands, and what its author has set. */
export interface Action extends Filling {
  run?: string;
  /** Tells turns of a loop apart. */
  turn?: string;
  /** `limit.timeout`. */
  timeoutMs?: number;
  /** A key other than the connection's. */
  key?: string;
  /** Begins anew when a poll fails for good, where an engine may ask once more first. */
  postsAfterFailedPoll?: boolean;
  headers?: Record<string, string>;
}

/** The platform's default: four tries after the first. */
const maxRetries = 4;
/** Of each second that is told: what is tested is what is answered, not the waiting. */
const waitMsPerSecond = 20;

/**
 * Plays Logic Apps over sockets, from the definition alone: posts with the connection's key and the run's headers, posts
 * again what was lost or answered 408, 429 or 5xx, follows Location of a 202 without credentials, and takes any other
 * status for the end.
 */
export class WorkflowEngine {
  readonly connection: Connection;
  #runs = 0;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  newRun(): string {
    return `run-${(this.#runs += 1)}-${crypto.randomUUID()}`;
  }

  /** Runs an action to its end. */
  async act(operationId: string, inputs: Inputs = {}, action: Action = {}): Promise<Outcome> {
    const { run = this.newRun(), timeoutMs = Infinity } = action;
    const request = buildRequest(this.connection.definition, operationId, inputs, action);
    const outcome = new Course();
    const endsAt = Date.now() + timeoutMs;
    for (;;) {
      let reply = await outcome.try(() => this.#post(request, { ...action, run }));
      while (reply.status === 202) {
        if (Date.now() >= endsAt) return outcome.end(reply, { isTimedOut: true });
        const { headers } = reply;
        await sleep(waitOf(headers));
        reply = await outcome.try(() => this.connection.follow(headers.get("location") ?? "", "get"));
      }
      if (!isRetried(reply.status) || !action.postsAfterFailedPoll) return outcome.end(reply);
    }
  }

  #post(request: Request, { run = "", turn = "turn-1", key, headers }: Action): Promise<Reply> {
    const { operationId } = request.operation;
    const sent = {
      "x-ms-workflow-run-id": run,
      "x-ms-workflow-operation-name": operationId,
      "x-ms-action-tracking-id": `${run}-${turn}`,
      "x-ms-client-tracking-id": run,
      "x-ms-client-request-id": crypto.randomUUID(),
      ...headers,
    };
    return this.connection.send(request, sent, key);
  }
}

/** What has happened to an action so far. */
export class Course {
  readonly #answers: Outcome["answers"] = [];
  readonly #retryAfters: number[] = [];

  /** Once, and again as the platform's retry policy has it. The last answer counts, whatever it is. */
  async try(send: () => Promise<Reply>): Promise<Reply> {
    for (let retries = 0; ; retries += 1) {
      const reply = await send().catch((error: unknown) => {
        // What fetch throws when a connection gives way, which it tells apart from a mistake by its cause.
        if (error instanceof TypeError && error.cause !== undefined && retries < maxRetries) return undefined;
        throw error;
      });
      this.#answers.push(reply?.status ?? "lost");
      if (!reply) continue;
      const retryAfter = reply.headers.get("retry-after");
      if (retryAfter !== null) this.#retryAfters.push(Number(retryAfter));
      if (!isRetried(reply.status) || retries === maxRetries) return reply;
      await sleep(waitOf(reply.headers));
    }
  }

  end(reply: Reply, { isTimedOut = false } = {}): Outcome {
    const { status, json, content, headers } = reply;
    return {
      status,
      body: json,
      content,
      headers,
      answers: this.#answers,
      retryAfters: this.#retryAfters,
      isTimedOut,
    };
  }
}

const isRetried = (status: number) => status === 408 || status === 429 || status >= 500;

function waitOf(headers: Headers): number {
  return Number(headers.get("retry-after") ?? 0) * waitMsPerSecond;
}

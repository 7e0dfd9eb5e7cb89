import { setTimeout as sleep } from "node:timers/promises";
import type { LiveDarkroom } from "./darkroom.ts";

export interface Outcome {
  status: number;
  body: unknown;
  /** Statuses of all answers, in the order in which they came. */
  answers: number[];
}

interface Action {
  run?: string;
  action?: string;
  /** Tells turns of a loop apart. */
  turn?: string;
  /** How many answers are lost on their way; each makes the engine post once more. */
  lostAnswers?: number;
}

const isRetried = (status: number) => status === 408 || status === 429 || status >= 500;
const mostTries = 5;

/**
 * Plays Logic Apps over sockets: posts with the connection's key and the run's headers, posts again what was lost or
 * answered 408, 429 or 5xx, follows Location of a 202 without credentials, and takes any other status for the end.
 */
export class WorkflowEngine {
  readonly #darkroom: LiveDarkroom;
  #runs = 0;

  constructor(darkroom: LiveDarkroom) {
    this.#darkroom = darkroom;
  }

  async act(path: string, body: object, action: Action = {}): Promise<Outcome> {
    const { run = `run-${(this.#runs += 1)}`, lostAnswers = 0 } = action;
    const answers: number[] = [];
    for (let tries = 0; ; tries += 1) {
      const reply = await this.#post(path, body, { ...action, run });
      answers.push(reply.status);
      const isLost = tries < lostAnswers;
      if (!isLost && (!isRetried(reply.status) || tries === mostTries)) return this.#follow(reply, answers);
      await reply.body?.cancel();
    }
  }

  async #post(path: string, body: object, { run = "", action = "Act", turn = "turn-1" }: Action) {
    return this.#darkroom.fetch(`/api/connector${path}`, {
      method: "POST",
      headers: {
        "content-type": "application/json; charset=utf-8",
        "user-agent": "azure-logic-apps/1.0",
        "x-ms-workflow-run-id": run,
        "x-ms-workflow-operation-name": action,
        "x-ms-action-tracking-id": `${run}-${turn}`,
        "x-ms-client-tracking-id": run,
        "x-ms-client-request-id": crypto.randomUUID(),
      },
      body: JSON.stringify(body),
    });
  }

  /** Sooner than Retry-After says: what is tested is what is answered, not the waiting. */
  async #follow(reply: Response, answers: number[]): Promise<Outcome> {
    let current = reply;
    while (current.status === 202) {
      const location = current.headers.get("location") ?? "";
      if (!/^\d+$/.test(current.headers.get("retry-after") ?? "")) throw new Error("no whole Retry-After");
      await current.body?.cancel();
      await sleep(100);
      current = await fetch(location);
      answers.push(current.status);
    }
    return { status: current.status, body: await bodyOf(current), answers };
  }

  /** One poll of a trigger, with the connection's key; `from` is the address that the poll before gave. */
  async poll(from: string): Promise<Outcome & { next: string; retryAfter: number }> {
    const reply = await this.#darkroom.fetch(from);
    return {
      status: reply.status,
      body: await bodyOf(reply),
      answers: [reply.status],
      next: reply.headers.get("location") ?? "",
      retryAfter: Number(reply.headers.get("retry-after") ?? "NaN"),
    };
  }

  /** Large content, part by part, as far as Content-Range says that there is more. */
  async readInChunks(path: string, chunkBytes: number): Promise<{ bytes: Buffer; parts: number }> {
    const parts: Buffer[] = [];
    for (let at = 0, total = Infinity; at < total;) {
      const range = `bytes=${at}-${at + chunkBytes - 1}`;
      const reply = await this.#darkroom.fetch(`/api/connector${path}`, { headers: { range } });
      if (reply.status !== 206) throw new Error(`${reply.status} for ${range}`);
      const told = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(reply.headers.get("content-range") ?? "");
      const part = Buffer.from(await reply.arrayBuffer());
      if (Number(told?.[1]) !== at || Number(told?.[2]) !== at + part.byteLength - 1)
        throw new Error(`${told?.[0] ?? "nothing"} for ${range}`);
      total = Number(told?.[3]);
      at += part.byteLength;
      parts.push(part);
    }
    return { bytes: Buffer.concat(parts), parts: parts.length };
  }
}

async function bodyOf(reply: Response): Promise<unknown> {
  const text = await reply.text();
  return text === "" ? undefined : (JSON.parse(text) as unknown);
}

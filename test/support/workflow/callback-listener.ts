import type { IncomingMessage, ServerResponse } from "node:http";
import { jsonOf } from "../json-of.ts";
import { LoopbackServer } from "../loopback-server.ts";

/** One POST to a callback address, as it came. */
export interface Callback {
  method: string;
  contentType: string;
  json: unknown;
  /** What was answered. */
  answered: number;
}

/** What a workflow says to a callback that it doesn't take yet. */
export interface NotNow {
  status: number;
  retryAfter?: number;
}

type Judge = (callback: Callback) => string[];

/** Where workflows are called back: a real server on loopback, on which each that waits has an address of its own. */
export class CallbackListener extends LoopbackServer {
  readonly #waiting = new Map<string, CallbackAddress>();

  /** An address that nobody can guess. The first callbacks are answered as told, later ones are taken. */
  open(judge: Judge, answers: readonly NotNow[] = []): CallbackAddress {
    const path = `/workflows/${crypto.randomUUID()}/run?api-version=2016-10-01&sp=%2Frun&sv=1.0&sig=${crypto.randomUUID()}`;
    const address = new CallbackAddress(this.origin + path, judge, [...answers], () =>
      this.#waiting.delete(path),
    );
    this.#waiting.set(path, address);
    return address;
  }

  protected override receive(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const address = this.#waiting.get(request.url ?? "");
    const { status, retryAfter } = address?.receive({
      method: request.method ?? "",
      contentType: request.headers["content-type"] ?? "",
      json: jsonOf(body.toString()),
    }) ?? { status: 404 };
    response.writeHead(status, retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }).end();
  }
}

/** The address of one run that waits, or of one trigger. */
export class CallbackAddress {
  readonly url: string;
  /** Everything that came, in the order in which it came. */
  readonly received: Callback[] = [];
  /** Closed, it is answered as an address at which nothing waits any more: 404. */
  readonly close: () => void;
  readonly #judge: Judge;
  readonly #answers: NotNow[];
  readonly #problems: string[] = [];
  readonly #sleepers: (() => void)[] = [];
  #seen = 0;

  constructor(url: string, judge: Judge, answers: NotNow[], close: () => void) {
    this.url = url;
    this.close = close;
    this.#judge = judge;
    this.#answers = answers;
  }

  /** Bodies of the callbacks that were taken. */
  get taken(): unknown[] {
    return this.received.filter(({ answered }) => answered < 300).map(({ json }) => json);
  }

  /** The next callback that is taken. */
  async next(): Promise<unknown> {
    this.#seen += 1;
    await this.#until(() => this.taken.length >= this.#seen);
    return this.taken[this.#seen - 1];
  }

  /** As soon as so many have come, taken or not. */
  async came(count: number): Promise<void> {
    await this.#until(() => this.received.length >= count);
  }

  /** Throws when any that came was not what the definition says. */
  async #until(isThere: () => boolean): Promise<void> {
    for (;;) {
      if (this.#problems.length > 0) throw new Error(`A callback misfits: ${this.#problems.join("; ")}`);
      if (isThere()) return;
      await new Promise<void>((resolve) => this.#sleepers.push(resolve));
    }
  }

  receive(came: Omit<Callback, "answered">): NotNow {
    const answer = this.#answers.shift() ?? { status: 202 };
    const callback = { ...came, answered: answer.status };
    this.received.push(callback);
    this.#problems.push(...this.#judge(callback));
    for (const wake of this.#sleepers.splice(0)) wake();
    return answer;
  }
}

import type { Json } from "../../../scripts/connector/json.ts";
import { jsonOf } from "../json-of.ts";
import type { Definition, Operation } from "./definition.ts";
import { gatewaysOwn } from "./gateway.ts";
import { type Answer, judgeAnswer } from "./judge.ts";
import type { Request } from "./requests.ts";

export interface Reply extends Answer {
  content: Buffer;
}

/** A connection's key and address, and the definition it was made from. Every answer that passes is judged. */
export class Connection {
  readonly definition: Definition;
  /** Operations that were asked and have answered. */
  readonly exercised = new Set<string>();
  readonly #serviceUrl: () => string;
  readonly #key: () => string;

  constructor(definition: Definition, serviceUrl: () => string, key: () => string) {
    this.definition = definition;
    this.#serviceUrl = serviceUrl;
    this.#key = key;
  }

  /** Sends what was built from the definition, with the connection's key or another one. */
  async send(request: Request, headers: Record<string, string> = {}, key = this.#key()): Promise<Reply> {
    const { operation, address, body } = request;
    return this.#exchange(operation, new URL(address, this.#serviceUrl()), {
      headers: { ...request.headers, ...headers },
      ...(body !== undefined && { body }),
      key,
    });
  }

  /** Goes where an answer led, with the connection's key. */
  async sendTo(location: string, headers: Record<string, string> = {}): Promise<Reply> {
    return this.#exchange(this.#operationAt("get", location), new URL(location), {
      headers,
      key: this.#key(),
    });
  }

  /** Goes where an answer led, with nothing that proves whose it is: an engine has been seen to send no key there. */
  async follow(location: string, method: "get" | "delete"): Promise<Reply> {
    return this.#exchange(this.#operationAt(method, location), new URL(location), { headers: {} });
  }

  #operationAt(method: string, location: string): Operation {
    const operation = this.definition.operationAt(method, new URL(location));
    if (!operation) throw new Error(`${method} ${location} is no operation of the definition`);
    return operation;
  }

  async #exchange(
    operation: Operation,
    url: URL,
    { headers, body, key }: { headers: Record<string, string>; body?: Json; key?: string },
  ): Promise<Reply> {
    const own = key === undefined ? undefined : this.definition.credentials(operation, key);
    for (const [name, value] of Object.entries(own?.query ?? {})) url.searchParams.set(name, value);
    const reply = await fetch(url, {
      method: operation.method.toUpperCase(),
      redirect: "manual",
      headers: {
        "user-agent": "azure-logic-apps/1.0",
        ...(body !== undefined && { "content-type": "application/json; charset=utf-8" }),
        ...headers,
        ...own?.headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const content = Buffer.from(await reply.arrayBuffer());
    const { status } = reply;
    const answer = {
      status,
      headers: reply.headers,
      json: jsonOf(content.toString()),
      bytes: content.byteLength,
      content,
    };
    if (reply.headers.has(gatewaysOwn)) return answer;
    const broken = judgeAnswer(this.definition, operation, answer);
    if (broken.length > 0) throw new Error(`${operation.operationId}, ${status}: ${broken.join("; ")}`);
    this.exercised.add(operation.operationId);
    return answer;
  }
}

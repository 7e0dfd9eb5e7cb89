import { Agent, type IncomingMessage, request as sendRequest, type ServerResponse } from "node:http";
import { LoopbackServer } from "../loopback-server.ts";

/** Header of what a gateway says itself, of which anyone who stands behind it knows nothing. */
export const gatewaysOwn = "x-answered-by-gateway";

/** What becomes of a request on its way. */
export type Fate =
  /** Turned away with this status; nobody behind the gateway hears of it. */
  | { isRefusedByGateway: number; retryAfter?: number }
  /** Handed through; the caller's socket is cut, before there is an answer or instead of it. */
  | { cut: "once sent" | "once answered" }
  /** Handed through and answered, but the caller is told this in place of the answer. */
  | { answeredInstead: number };

type Matching = (request: IncomingMessage, body: string) => boolean;

/** Stands before a server, and does to requests what networks and gateways do to them. For plain http on loopback. */
export class Gateway extends LoopbackServer {
  readonly #target: URL;
  /** Sockets are given up before a server that is done waiting closes them. */
  readonly #agent = new Agent({ keepAlive: true, timeout: 1_000 });
  readonly #rules: { matches: Matching; fate: Fate }[] = [];

  constructor(target: string) {
    super();
    this.#target = new URL(target);
  }

  /** The next requests that match meet these fates, one each. */
  strike(matches: Matching, ...fates: Fate[]): void {
    this.#rules.push(...fates.map((fate) => ({ matches, fate })));
  }

  override async close(): Promise<void> {
    await super.close();
    this.#agent.destroy();
  }

  /** Strikes that nobody has met yet. */
  get pending(): number {
    return this.#rules.length;
  }

  protected override receive(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const at = this.#rules.findIndex(({ matches }) => matches(request, body.toString("latin1")));
    const [rule] = at < 0 ? [] : this.#rules.splice(at, 1);
    const fate = rule?.fate;
    if (fate && "isRefusedByGateway" in fate) {
      answerItself(response, fate.isRefusedByGateway, fate.retryAfter);
      return;
    }
    const { method, headers, url: path } = request;
    const { hostname, port } = this.#target;
    const upstream = sendRequest({ hostname, port, method, path, headers, agent: this.#agent }, (reply) => {
      if (!fate) {
        response.writeHead(reply.statusCode ?? 502, reply.rawHeaders);
        reply.pipe(response);
        return;
      }
      reply.resume();
      reply.on("end", () => {
        if ("cut" in fate) response.destroy();
        else answerItself(response, fate.answeredInstead);
      });
    });
    upstream.on("error", () => response.destroy());
    if (fate && "cut" in fate && fate.cut === "once sent") upstream.on("finish", () => response.destroy());
    upstream.end(body);
  }
}

function answerItself(response: ServerResponse, status: number, retryAfter?: number): void {
  response
    .writeHead(status, {
      "content-type": "application/json",
      [gatewaysOwn]: "true",
      ...(retryAfter !== undefined && { "retry-after": String(retryAfter) }),
    })
    .end(JSON.stringify({ statusCode: status, message: "Said by the gateway." }));
}

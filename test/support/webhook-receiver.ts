import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { LoopbackServer } from "./loopback-server.ts";

export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

type Answering = (received: Received, response: ServerResponse, count: number) => void;

/** Somebody else's server on loopback: keeps every POST that arrives whole, and answers as it is told. */
export class WebhookReceiver extends LoopbackServer {
  readonly received: Received[] = [];
  answer: Answering = (_received, response) => response.writeHead(204).end();

  protected override receive(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const { url: path = "", headers } = request;
    const received = { path, headers, body: body.toString() };
    this.received.push(received);
    this.answer(received, response, this.received.length);
  }
}

/** The three headers, as verifiers want them. */
export function signedHeaders({ headers }: Received): Record<string, string> {
  const names = ["webhook-id", "webhook-timestamp", "webhook-signature"];
  return Object.fromEntries(names.map((name) => [name, String(headers[name])]));
}

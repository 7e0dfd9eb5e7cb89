import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";

/** A message as it came. */
export interface ReceivedMessage {
  id: string;
  isSigned: boolean;
  body: string;
}

export interface WebhookReceiver {
  origin: string;
  /** Where a run is to be told; the first `refusals` messages are answered 500. */
  expect(token: string, refusals: number): string;
  received(token: string): readonly ReceivedMessage[];
  clear(token: string): void;
  close(): Promise<void>;
}

/** Takes the webhooks of all runs, checks their signatures, and answers as each run has it. */
export async function startWebhookReceiver(): Promise<
  WebhookReceiver & { verifyWith(secret: string): void }
> {
  const runs = new Map<string, { refusals: number; received: ReceivedMessage[] }>();
  let verifier: Webhook | undefined;
  const server = createServer((request, response) => {
    const run = runs.get(/^\/hook\/(\w+)/.exec(request.url ?? "")?.[1] ?? "");
    const answer = (status: number) => response.writeHead(status, { "content-length": "0" }).end();
    buffer(request).then(
      (bytes) => {
        if (!run) return answer(410);
        const body = bytes.toString();
        const headers = Object.fromEntries(
          Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
        );
        run.received.push({
          id: headers["webhook-id"] ?? "",
          isSigned: isSigned(verifier, body, headers),
          body,
        });
        return answer(run.received.length <= run.refusals ? 500 : 204);
      },
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    verifyWith(secret) {
      verifier = new Webhook(secret);
    },
    expect(token, refusals) {
      runs.set(token, { refusals, received: [] });
      return `${origin}/hook/${token}`;
    },
    received: (token) => runs.get(token)?.received ?? [],
    clear: (token) => runs.delete(token),
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function isSigned(verifier: Webhook | undefined, body: string, headers: Record<string, string>): boolean {
  try {
    verifier?.verify(body, headers);
    return verifier !== undefined;
  } catch {
    // What doesn't verify is what is asked about.
    return false;
  }
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { generate } from "selfsigned";
import { buildConnector } from "undici";
import { AppError } from "../../src/domain/app-error.ts";
import type { Connect, Resolve } from "../../src/adapters/net/checked-connection.ts";
import { checkedImageFetcher, type ImageFetcherOptions } from "../../src/adapters/net/image-fetcher.ts";

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;
export type Target = Parameters<Connect>[0];

export const publicAddress = "93.184.215.14";
export const maximumBytes = 2 ** 20;
export const picture = Buffer.alloc(100_000, "png");

/** Two servers on loopback, one of them over TLS as pictures.example, that answer as they are told. */
export class ImageServers {
  handle: Handler;
  accepted = 0;
  readonly certificate: string;
  readonly #plain: Server;
  readonly #secure: Server;

  private constructor(pems: { cert: string; private: string }) {
    const answer: Handler = (request, response) => this.handle(request, response);
    this.certificate = pems.cert;
    this.#plain = createServer(answer);
    this.#secure = createSecureServer({ cert: pems.cert, key: pems.private }, answer);
    this.handle = answerWithPicture;
  }

  static async start(): Promise<ImageServers> {
    const extensions = [
      { name: "subjectAltName" as const, altNames: [{ type: 2 as const, value: "pictures.example" }] },
    ];
    const servers = new ImageServers(
      await generate([{ name: "commonName", value: "pictures.example" }], { extensions }),
    );
    for (const server of [servers.#plain, servers.#secure]) {
      server.on("connection", () => (servers.accepted += 1));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    }
    return servers;
  }

  reset(): void {
    this.handle = answerWithPicture;
    this.accepted = 0;
  }

  stop(): void {
    for (const server of [this.#plain, this.#secure]) server.close().closeAllConnections();
  }

  get plainPort(): number {
    return portOf(this.#plain);
  }

  get securePort(): number {
    return portOf(this.#secure);
  }

  get origin(): string {
    return `http://127.0.0.1:${this.plainPort}`;
  }

  /** The real connector, except that port 443 is the test server's: what is let through by mistake arrives there. */
  readonly ownPort: Connect = (target, callback) => {
    const port = target.port || String(this.securePort);
    buildConnector({ maxCachedSessions: 0 })({ ...target, port }, callback);
  };

  /** Stands for the internet: whatever public address was checked, the test server answers. */
  internet(ca: string | undefined, seen: Target[] = []): Connect {
    const real = buildConnector({ maxCachedSessions: 0, ...(ca !== undefined && { ca }) });
    return (target, callback) => {
      seen.push(target);
      real({ ...target, hostname: "127.0.0.1", port: String(this.securePort) }, callback);
    };
  }

  fetcherWith(options: Partial<ImageFetcherOptions> = {}) {
    const usual = { allowlist: [this.origin], maximumBytes, connect: this.ownPort };
    return checkedImageFetcher({ ...usual, ...options });
  }

  async fetched(url = this.origin, options: Partial<ImageFetcherOptions> = {}, signal?: AbortSignal) {
    return drained(await this.fetcherWith(options).open(url, signal));
  }
}

export const everyAnswer =
  (...addresses: string[]): Resolve =>
  () =>
    Promise.resolve(addresses);

export async function drained(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export async function refusalOf(fetching: Promise<unknown>): Promise<{ code: string; detail: string }> {
  const error = await fetching.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof AppError)) throw new Error("It is no fault.", { cause: error });
  return { code: error.code, detail: error.detail };
}

export const refusalWith = (detail: string) => ({ code: "invalidRequest", detail });

const answerWithPicture: Handler = (_request, response) => response.end(picture);

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

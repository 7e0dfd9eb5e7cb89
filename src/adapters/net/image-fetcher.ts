import { Client, type Dispatcher } from "undici";
import { AppError } from "../../domain/app-error.ts";
import { checkWebAddress } from "../../domain/web-address.ts";
import { checkedConnector, type CheckedConnectionOptions } from "./checked-connection.ts";

export interface ImageFetcherOptions extends CheckedConnectionOptions {
  maximumBytes: number;
  /** From the start of a request to the end of its answer's headers. */
  answerWithinMs?: number;
  /** From the start to the last byte, redirects included. */
  arriveWithinMs?: number;
}

type Answer = Dispatcher.ResponseData;

const maxRedirects = 3;
const headers = {
  // Others are made into PNG: a server that has a choice sends what needn't be.
  accept: "image/png, image/jpeg, image/webp, image/*;q=0.5",
  // Nothing is ever unpacked: a small body can't become a large one.
  "accept-encoding": "identity",
  "user-agent": "Darkroom",
};

/**
 * Fetches images from addresses that callers name: over checked connections, without cookies, credentials or a proxy, and
 * within limits of time and size. Errors complete a sentence that begins with the field's name, and never repeat the
 * address, or a word of the answer.
 */
export function checkedImageFetcher({
  maximumBytes,
  answerWithinMs = 10_000,
  arriveWithinMs = 60_000,
  ...connection
}: ImageFetcherOptions) {
  const { allowlist } = connection;
  const connect = checkedConnector(connection);

  async function open(address: string, signal?: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    signal?.throwIfAborted();
    const url = checkWebAddress(address, allowlist);
    const visit = new Visit(new Client(url.origin, { connect }), signal);
    visit.cutAfter(arriveWithinMs, `took longer than ${arriveWithinMs / 1_000} seconds to arrive.`);
    try {
      const answer = await follow(visit, url);
      checkHeaders(answer, maximumBytes);
      return arriving(visit, answer);
    } catch (error) {
      visit.end();
      throw error;
    }
  }

  async function follow(visit: Visit, start: URL): Promise<Answer> {
    let url = start;
    for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
      const answer = await ask(visit, url);
      const location = redirectOf(answer);
      if (location === undefined) return answer;
      answer.body.on("error", () => undefined).destroy();
      url = nextAddress(location, url, allowlist);
    }
    throw refusal(`redirects more than ${maxRedirects} times; give the address that it leads to.`);
  }

  async function ask(visit: Visit, url: URL): Promise<Answer> {
    const stop = visit.cutAfter(
      answerWithinMs,
      `took longer than ${answerWithinMs / 1_000} seconds to answer.`,
    );
    try {
      // `reset`: a connection for each request, so that the host of a redirect is looked up and checked again.
      return await visit.client.request({
        method: "GET",
        path: url.pathname + url.search,
        headers,
        reset: true,
      });
    } catch (error) {
      throw visit.explain(error, "gave no answer that can be read.");
    } finally {
      stop();
    }
  }

  async function* arriving(visit: Visit, { body }: Answer): AsyncGenerator<Uint8Array> {
    let size = 0;
    try {
      for await (const chunk of body as AsyncIterable<Uint8Array>) {
        size += chunk.byteLength;
        if (size > maximumBytes) throw tooLarge(maximumBytes);
        yield chunk;
      }
    } catch (error) {
      throw visit.explain(error, "broke off before its end.");
    } finally {
      visit.end();
    }
  }

  return { open };
}

/** The lifetime of one fetch. Whatever ends it closes the sockets, and is what a reader is told. */
class Visit {
  readonly client: Client;
  readonly #lifetime = new AbortController();

  constructor(client: Client, signal: AbortSignal | undefined) {
    this.client = client;
    const { signal: ended } = this.#lifetime;
    // A request that waits for its connection hears no signal of its own; it hears that its client is gone.
    ended.addEventListener("abort", () => void client.destroy());
    signal?.addEventListener("abort", () => this.#lifetime.abort(signal.reason), { signal: ended });
  }

  cutAfter(ms: number, message: string): () => void {
    const timer = setTimeout(() => this.#lifetime.abort(refusal(message)), ms);
    const stop = () => clearTimeout(timer);
    this.#lifetime.signal.addEventListener("abort", stop);
    return stop;
  }

  explain(error: unknown, message: string): unknown {
    if (this.#lifetime.signal.aborted) return this.#lifetime.signal.reason;
    return error instanceof AppError ? error : refusal(message);
  }

  end(): void {
    this.#lifetime.abort();
  }
}

function redirectOf({ statusCode, headers }: Answer): string | undefined {
  return [301, 302, 303, 307, 308].includes(statusCode) ? [headers.location].flat()[0] : undefined;
}

function nextAddress(location: string, from: URL, allowlist: readonly string[]): URL {
  if (!URL.canParse(location, from.href)) throw refusal("redirects to nowhere.");
  const next = new URL(location, from.href);
  if (next.origin !== from.origin) {
    throw refusal("redirects to another host, scheme or port; give the address that it leads to.");
  }
  return checkWebAddress(next.href, allowlist);
}

function checkHeaders({ statusCode, headers }: Answer, maximumBytes: number): void {
  if (statusCode !== 200) throw refusal(`answered ${statusCode}; only 200 brings an image.`);
  if (!/^(identity)?$/i.test(String(headers["content-encoding"] ?? ""))) {
    throw refusal("is sent compressed (content-encoding); only images sent as they are are fetched.");
  }
  if (/^\s*(text\/html|application\/xhtml\+xml)\b/i.test(String(headers["content-type"] ?? ""))) {
    throw refusal("is a web page, not an image.");
  }
  // Declared lengths only let a refusal come sooner: what counts is what arrives.
  if (Number(headers["content-length"] ?? 0) > maximumBytes) throw tooLarge(maximumBytes);
}

function tooLarge(maximumBytes: number): AppError {
  return new AppError("tooLarge", `is larger than ${Math.floor(maximumBytes / 2 ** 20)} MB.`);
}

function refusal(message: string): AppError {
  return new AppError("invalidRequest", message);
}

import { Client, type Dispatcher } from "undici";
import { errorInfo, AppError } from "../../domain/app-error.ts";
import { identifyImage } from "../../domain/received-image.ts";
import { retryAfterMs } from "../../domain/retry-after.ts";
import { checkLink, ForbiddenAddress } from "../../domain/web-address.ts";
import type { Clock } from "../../ports/clock.ts";
import type { FetchReply } from "../../ports/image-model.ts";
import { checkedConnector, type CheckedConnectionOptions } from "./checked-connection.ts";
import { readable } from "./checked-post.ts";
import { readBody, TooLarge } from "./link-body.ts";
import { ProgressTimer } from "./progress-timer.ts";

export interface LinkFetcherOptions extends Omit<CheckedConnectionOptions, "check"> {
  clock: Clock;
  maximumBytes?: number;
  /** How long nothing may arrive: while connecting, before the headers, and between two pieces of the body. */
  stallMs?: number;
  /** From the start to the last byte, redirects included. */
  arriveWithinMs?: number;
}

type Answer = Dispatcher.ResponseData;

const maxRedirects = 3;
const headers = { accept: "image/*, */*;q=0.5", "accept-encoding": "identity", "user-agent": "Darkroom" };

/**
 * Fetches pictures from the links that an image service answers with, once for each call, without the service's key or
 * any other credential. The origin of the service's endpoint and those on the allow-list are fetched as they are. Any
 * other address, at each redirect, has to be public: a service that was led astray, or its gateway, must not reach what
 * only this machine can.
 */
export function linkFetcher({
  clock,
  maximumBytes = 64 * 2 ** 20,
  stallMs = 30_000,
  arriveWithinMs = 120_000,
  ...connection
}: LinkFetcherOptions) {
  async function ask(url: URL, trusted: readonly string[], timer: ProgressTimer): Promise<Answer> {
    const connect = checkedConnector({ ...connection, allowlist: trusted, check: checkLink });
    const client = new Client(url.origin, { connect });
    // A request that waits for its connection hears no signal of its own; it hears that its client is gone.
    timer.signal.addEventListener("abort", () => void client.destroy());
    return client.request({ method: "GET", path: url.pathname + url.search, headers, reset: true });
  }

  async function follow(start: URL, trusted: readonly string[], timer: ProgressTimer): Promise<FetchReply> {
    let url = start;
    for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
      const answer = await ask(url, trusted, timer);
      timer.progress();
      const location = redirectOf(answer);
      if (location === undefined) return read(answer, timer);
      answer.body.on("error", () => undefined).destroy();
      url = checkLink(absolute(location, url.href), trusted);
    }
    return lost(`redirects more than ${maxRedirects} times.`);
  }

  async function read(
    { statusCode, headers: given, body }: Answer,
    timer: ProgressTimer,
  ): Promise<FetchReply> {
    const known = readable(given);
    const wait = retryAfterMs(known, clock.now());
    if (statusCode !== 200) {
      body.on("error", () => undefined).destroy();
      return statusCode === 410 ? lost("answered 410.") : late(`answered ${statusCode}`, wait);
    }
    const bytes = await readBody(body, {
      encoding: known.get("content-encoding"),
      maximumBytes,
      onProgress: () => timer.progress(),
    });
    // A page in its place, or one that was cut short: whatever it is called, it may be whole another time.
    if (identifyImage(bytes) === undefined)
      return { ...late("answered with something that is no picture", wait), received: bytes };
    return { kind: "image", bytes };
  }

  /** Throws the signal's reason once that is aborted, and nothing else. `endpoint` is the deployment's. */
  return async (link: string, endpoint: string, signal: AbortSignal): Promise<FetchReply> => {
    signal.throwIfAborted();
    const timer = new ProgressTimer({ stallMs, arriveWithinMs, signal });
    try {
      if (/^data:/i.test(link)) return { kind: "image", bytes: await decodeDataUrl(link, maximumBytes) };
      const trusted = [...connection.allowlist, new URL(endpoint).origin];
      const start = checkLink(absolute(link, `${endpoint.replace(/\/+$/, "")}/`), trusted);
      return await follow(start, trusted, timer);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ForbiddenAddress || error instanceof TooLarge) return lost(error.detail);
      return late(
        timer.expired ?? (error instanceof AppError ? error.detail : "broke off before its end"),
        0,
      );
    } finally {
      timer.end();
    }
  };
}

/** The bytes that a link holds itself; nothing is fetched. */
async function decodeDataUrl(link: string, maximumBytes: number): Promise<Uint8Array> {
  const reply = await fetch(link).catch(() => undefined);
  const bytes = new Uint8Array((await reply?.arrayBuffer()) ?? []);
  if (bytes.byteLength > maximumBytes) throw new TooLarge(maximumBytes);
  if (identifyImage(bytes) === undefined) throw new ForbiddenAddress("is a data URL without a picture.");
  return bytes;
}

function redirectOf({ statusCode, headers }: Answer): string | undefined {
  return [301, 302, 303, 307, 308].includes(statusCode) ? [headers.location].flat()[0] : undefined;
}

function absolute(link: string, from: string): string {
  if (link.trim() === "" || !URL.canParse(link, from)) throw new ForbiddenAddress("is no web address.");
  return new URL(link, from).href;
}

function lost(why: string): FetchReply {
  return { kind: "lost", failure: errorInfo("upstreamUnavailable", `The image's link ${why}`) };
}

function late(why: string, wait: number): FetchReply & { kind: "late" } {
  return { kind: "late", retryAfterMs: wait, reason: `The image's link ${why.replace(/\.?$/, ".")}` };
}

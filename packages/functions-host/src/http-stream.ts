import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { Agent, request as httpRequest } from "node:http";
import type { ClientRequest, IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream";
import { bindingData } from "./binding-data.ts";
import type { TypedData } from "./core-types.ts";
import type { LoadedFunction } from "./functions.ts";
import {
  answerEmpty,
  BodyTooLarge,
  endToEndHeaders,
  flatHeaders,
  flatQuery,
  readBody,
  hostSpanOf,
} from "./http-message.ts";
import type { Invoker } from "./invoker.ts";
import type { Log } from "./log.ts";

/** One HTTP request on its way to a function. */
export interface HttpCall {
  target: LoadedFunction;
  params: Record<string, string>;
  url: URL;
  request: IncomingMessage;
  response: ServerResponse;
}

export interface HttpModeParts {
  invoker: Invoker;
  log: Log;
  bodyLimit: number;
}

// The library's server closes what is idle for five seconds. An idle connection must be given up well before: on a busy
// machine one that is about to be closed would be chosen, and its request lost.
const idleMs = 1_000;

/**
 * Streaming mode: the raw request goes to the function library's own server, and the invocation tells the
 * function about it. The answer comes back the same way (HOST DefaultHttpProxyService.cs, LIB httpProxy.ts).
 */
export function createStreamMode(httpUri: string, parts: HttpModeParts) {
  const agent = new Agent({ keepAlive: true, timeout: idleMs });
  const port = new URL(httpUri).port;

  return (call: HttpCall): void => {
    // The client went away while its body was read: nothing has begun that somebody would have to be told about.
    announcedBody(call.request, parts.bodyLimit).then(
      (body) => run(call, body),
      () => answerEmpty(call.response, 500),
    );
  };

  function run(call: HttpCall, body: AnnouncedBody): void {
    const { target, response } = call;
    const invocationId = randomUUID();
    let isAnswered = false;
    const delivered = Promise.withResolvers<undefined>();
    // A call that fails before asks for it no more.
    delivered.promise.catch(() => undefined);
    const giveUp = (why: string): void => {
      if (!response.destroyed && !response.writableEnded) {
        parts.log("error", `Function.${target.name}`, why);
      }
      forwarded?.destroy();
      answerEmpty(response, 500);
    };
    const forwarded = forward(call, body, invocationId, {
      answered: () => (isAnswered = true),
      delivered: (error) => (error ? delivered.reject(notDelivered(error)) : delivered.resolve(undefined)),
      failed: giveUp,
    });
    if (!forwarded) delivered.resolve(undefined);

    parts.invoker
      .invoke(target, {
        invocationId,
        data: { http: {} },
        metadata: metadataOf(call, body.json),
        traceParent: hostSpanOf(call.request),
        reason: "This function was programmatically called via the host APIs.",
        until: async ({ result }) => {
          if (result === null || result === undefined) giveUp(neverAnswers(target.name, "returned nothing"));
          else await delivered.promise;
        },
      })
      .catch(() => {
        if (!isAnswered) giveUp(neverAnswers(target.name, "threw"));
      });
  }

  /** Undefined where the real host's forwarder refuses: it says so to nobody, and the call begins all the same. */
  function forward(
    { request, response, url, target }: HttpCall,
    { json }: AnnouncedBody,
    invocationId: string,
    on: {
      answered: () => void;
      delivered: (error?: Error | null) => void;
      failed: (why: string) => void;
    },
  ): ClientRequest | undefined {
    if (!hasPlainHeaders(request)) {
      request.resume();
      return undefined;
    }
    const upstream = httpRequest({
      agent,
      // The library says localhost and listens everywhere; the address spares a name look-up.
      host: "127.0.0.1",
      port,
      method: request.method,
      path: request.url,
      headers: {
        // A client's own wins (HOST DefaultHttpProxyService.cs: `TryAdd`).
        "x-ms-invocation-id": invocationId,
        ...endToEndHeaders(request),
        // The library refuses a request without these two (LIB http/HttpRequest.ts).
        "x-forwarded-host": request.headers.host ?? url.host,
        "x-forwarded-proto": "http",
      },
    });
    upstream.on("response", (answer) => {
      // Not from the function, but from the server before it, which takes less than this host. It is passed on to nobody.
      if (answer.headers["x-ms-invocation-id"] === undefined) {
        answer.resume();
        return;
      }
      on.answered();
      response.writeHead(answer.statusCode ?? 500, answer.statusMessage, endToEndHeaders(answer));
      // Headers may be all there is for a while: an event stream starts with silence.
      response.flushHeaders();
      pipeline(answer, response, on.delivered);
    });
    upstream.on("error", (error) => {
      on.failed(`Streaming to function '${target.name}' failed: ${error.message}`);
      on.delivered(error);
    });
    const limit = parts.bodyLimit;
    limitBody(request, limit, () => on.failed(`The request body is longer than ${limit} bytes.`));
    if (json) upstream.end(json);
    else pipeline(request, upstream, () => undefined);
    response.on("close", () => {
      if (!response.writableFinished) upstream.destroy();
    });
    return upstream;
  }
}

interface AnnouncedBody {
  /** The whole of it where it may be JSON; undefined where it is still to be read. */
  json?: Buffer;
}

/**
 * The real host reads a body of announced length before it calls, to look for binding data in it. Here only what may be
 * JSON is read; the rest has none. Throws when it is too long, and when the client goes away.
 */
async function announcedBody(request: IncomingMessage, limit: number): Promise<AnnouncedBody> {
  const length = Number(request.headers["content-length"] ?? 0);
  if (length === 0) return {};
  if (length > limit) throw new BodyTooLarge(`The body is longer than ${limit} bytes.`);
  await once(request, "readable");
  const head = request.read() as Buffer | null;
  if (head !== null) request.unshift(head);
  return /^\s*\{/.test(head?.toString("latin1") ?? "") ? { json: await readBody(request, limit) } : {};
}

/** Handlers read headers and route values from here, the query from the URL (LIB http/HttpRequest.ts). */
function metadataOf({ request, url, params }: HttpCall, body: Buffer | undefined): Record<string, TypedData> {
  return bindingData({
    body,
    query: flatQuery(url.searchParams),
    params,
    headers: flatHeaders(request),
  });
}

/** .NET's client sends ASCII alone in headers, and throws at anything else (HOST DefaultHttpProxyService.cs). */
function hasPlainHeaders({ rawHeaders }: IncomingMessage): boolean {
  return rawHeaders.every((text) => /^[\t\x20-\x7e]*$/.test(text));
}

function limitBody(request: IncomingMessage, limit: number, exceeded: () => void): void {
  let size = 0;
  request.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > limit && size - chunk.length <= limit) exceeded();
  });
}

/** A client that leaves before the end of its answer makes the call a failed one (HOST DefaultHttpProxyService.cs). */
function notDelivered(cause: Error): Error {
  return new Error(`Failed to proxy request with ForwarderError: ${cause.message}`, { cause });
}

function neverAnswers(name: string, did: string): string {
  return (
    `HTTP function '${name}' ${did}. In streaming mode the library then never answers: on Azure this client would ` +
    `wait up to 240 seconds (azure-functions-nodejs-library issue 324). Always return a response object.`
  );
}

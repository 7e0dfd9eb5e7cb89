import { randomUUID } from "node:crypto";
import { Agent, request as httpRequest } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream";
import type { TypedData } from "./core-types.ts";
import type { LoadedFunction } from "./functions.ts";
import { answerEmpty, endToEndHeaders, flatHeaders, flatQuery, traceParentOf } from "./http-message.ts";
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
export function createStreamMode(httpUri: string, { invoker, log, bodyLimit }: HttpModeParts) {
  const agent = new Agent({ keepAlive: true, timeout: idleMs });
  const port = new URL(httpUri).port;

  return (call: HttpCall): void => {
    const { target, request, response } = call;
    const invocationId = randomUUID();
    const upstream = httpRequest({
      agent,
      // The library says localhost and listens everywhere; the address spares a name look-up.
      host: "127.0.0.1",
      port,
      method: request.method,
      path: request.url,
      headers: {
        ...endToEndHeaders(request),
        "x-ms-invocation-id": invocationId,
        // The library refuses a request without these two (LIB http/HttpRequest.ts).
        "x-forwarded-host": request.headers.host ?? call.url.host,
        "x-forwarded-proto": "http",
      },
    });
    const giveUp = (why: string): void => {
      if (!response.destroyed && !response.writableEnded) log("error", `Function.${target.name}`, why);
      upstream.destroy();
      answerEmpty(response, 500);
    };
    upstream.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.statusMessage, endToEndHeaders(answer));
      // Headers may be all there is for a while: an event stream starts with silence.
      response.flushHeaders();
      pipeline(answer, response, () => undefined);
    });
    upstream.on("error", (error) =>
      giveUp(`Streaming to function '${target.name}' failed: ${error.message}`),
    );
    limitBody(request, bodyLimit, () => giveUp(`The request body is longer than ${bodyLimit} bytes.`));
    pipeline(request, upstream, () => undefined);
    response.on("close", () => {
      if (!response.writableFinished) upstream.destroy();
    });

    invoker
      .invoke(target, {
        invocationId,
        data: { http: {} },
        metadata: httpMetadata(call),
        traceParent: traceParentOf(request),
        reason: "This function was programmatically called via the host APIs.",
      })
      .then(
        ({ result }) => {
          if (result === null || result === undefined) giveUp(neverAnswers(target.name, "returned nothing"));
        },
        () => giveUp(neverAnswers(target.name, "threw")),
      );
  };
}

/** Handlers read headers and route values from here, the query from the URL (LIB http/HttpRequest.ts). */
function httpMetadata({ request, url, params }: HttpCall): Record<string, TypedData> {
  return {
    ...Object.fromEntries(Object.entries(params).map(([name, value]) => [name, { string: value }])),
    Headers: { json: JSON.stringify(flatHeaders(request)) },
    Query: { json: JSON.stringify(flatQuery(url.searchParams)) },
  };
}

function limitBody(request: IncomingMessage, limit: number, exceeded: () => void): void {
  let size = 0;
  request.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > limit && size - chunk.length <= limit) exceeded();
  });
}

function neverAnswers(name: string, did: string): string {
  return (
    `HTTP function '${name}' ${did}. In streaming mode the library then never answers: on Azure this client would ` +
    `wait up to 240 seconds (azure-functions-nodejs-library issue 324). Always return a response object.`
  );
}

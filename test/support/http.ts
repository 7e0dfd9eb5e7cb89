import { HttpRequest, InvocationContext, type LogLevel } from "@azure/functions";
import { type Endpoint, toHttpHandler } from "../../src/http/endpoint.ts";
import type { Authenticator } from "../../src/ports/callers.ts";
import { isOutage } from "../../src/adapters/storage/outage.ts";
import { trustingAuthenticator } from "./fakes.ts";
import { jsonOf } from "./json-of.ts";

export const origin = "https://darkroom.example";

export interface Sent {
  path: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The body as JSON; undefined when it isn't JSON. */
  json: unknown;
  log: string[];
}

/** The real request class of the Functions library, with its route's parameters as the host would fill them in. */
export function aRequest(sent: Sent, route = ""): HttpRequest {
  const { path, method = "GET", headers = {}, body } = sent;
  return new HttpRequest({
    method,
    url: origin + path,
    headers,
    params: paramsOf(route, path),
    ...(body !== undefined && { body: typeof body === "string" ? { string: body } : { bytes: body } }),
  });
}

/** The real invocation context, whose log is kept. */
export function aContext(log: string[] = []): InvocationContext {
  return new InvocationContext({
    functionName: "under-test",
    invocationId: "request-1",
    logHandler: (level: LogLevel, ...parts: unknown[]) => log.push(`${level}: ${parts.join(" ")}`),
  });
}

/** Sends a request through the one wrapper of all HTTP handlers, as index.ts registers it. */
export async function send(
  endpoint: Endpoint,
  sent: Sent,
  authenticator: Authenticator = trustingAuthenticator,
): Promise<Answer> {
  const log: string[] = [];
  const handler = toHttpHandler(endpoint, { authenticator, isOutage, corsOrigins: [] });
  const request = aRequest({ method: endpoint.method, ...sent }, endpoint.route);
  const response = await handler(request, aContext(log));
  const { body } = response;
  const isText = typeof body === "string" || body === undefined || body === null;
  const text = isText
    ? (body ?? "")
    : await new Response(body as Uint8Array<ArrayBuffer> | ReadableStream).text();
  return {
    status: response.status ?? 200,
    headers: new Headers(response.headers),
    text,
    json: jsonOf(text),
    log,
  };
}

function paramsOf(route: string, path: string): Record<string, string> {
  const segments = (path.split("?")[0] ?? "").slice(1).split("/");
  return Object.fromEntries(
    route.split("/").flatMap((part, position) => {
      const name = /^\{(\w+)\}$/.exec(part)?.[1];
      return name === undefined ? [] : [[name, decodeURIComponent(segments[position] ?? "")]];
    }),
  );
}

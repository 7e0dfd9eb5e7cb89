import type {
  HttpHandler,
  HttpMethod,
  HttpRequest,
  HttpResponseInit,
  InvocationContext,
} from "@azure/functions";
import { Fault } from "../domain/fault.ts";
import type { Door } from "../ports.ts";
import { respondFault } from "./respond.ts";

/** Who may pass: anyone; an authenticated caller; or a caller and, failing that, the holder of a signed address. */
export type Access = "public" | "caller" | "callerOrSignature";

export interface EndpointCall {
  request: HttpRequest;
  /** Declared route parameters only: the real host mixes query and body values into `request.params`. */
  params: Readonly<Record<string, string | undefined>>;
  /** Empty on a public endpoint, and on a signed address that came without credentials. */
  caller: string;
  requestId: string;
  context: InvocationContext;
}

/** An HTTP function: where it is, who may call it, what it does. Registered by index.ts and nowhere else. */
export interface Endpoint {
  name: string;
  method: HttpMethod;
  route: string;
  access: Access;
  /** Whether it needs the durable client, to start or look after jobs. */
  runsJobs?: true;
  handle(call: EndpointCall): Promise<HttpResponseInit> | HttpResponseInit;
}

/**
 * The one wrapper of all HTTP handlers: request id, door, errors, log line.
 *
 * It always answers. With streaming on, a handler that throws or returns nothing leaves the client hanging for minutes
 * (azure-functions-nodejs-library issue 324).
 */
export function toHttpHandler(endpoint: Endpoint, door: Door): HttpHandler {
  const paramNames = [...endpoint.route.matchAll(/\{(\w+)/g)].map(([, name]) => name ?? "");
  return async (request, context) => {
    const requestId = context.invocationId;
    const started = performance.now();
    const response = await answer(request, context);
    const took = Math.round(performance.now() - started);
    context.info(
      `${endpoint.method} ${endpoint.route} ${response.status} in ${took} ms, request ${requestId}`,
    );
    const headers = new Headers(response.headers);
    headers.set("x-request-id", requestId);
    headers.set("x-content-type-options", "nosniff");
    return { ...response, headers };

    async function answer(incoming: HttpRequest, invocation: InvocationContext): Promise<HttpResponseInit> {
      try {
        const caller = identify(incoming);
        const params = Object.fromEntries(paramNames.map((name) => [name, incoming.params[name]]));
        return await endpoint.handle({ request: incoming, params, caller, requestId, context: invocation });
      } catch (error) {
        if (!(error instanceof Fault) || error.code === "internal")
          logFailure(invocation, endpoint.name, requestId, error);
        return respondFault(error, requestId);
      }
    }
  };

  function identify(request: HttpRequest): string {
    if (endpoint.access === "public") return "";
    const caller = door.identify(request.headers);
    if (caller !== undefined) return caller;
    if (endpoint.access === "callerOrSignature" && request.query.has("signature")) return "";
    throw new Fault("unauthorized", "Send your key as header api-key, or as Authorization: Bearer.");
  }
}

function logFailure(context: InvocationContext, name: string, requestId: string, error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  // A storage error's text may hold the address that was asked for, signature included.
  context.error(
    `${name} failed, request ${requestId}: ${text.replace(/([?&](sig|signature)=)[^&\s]+/gi, "$1…")}`,
  );
}

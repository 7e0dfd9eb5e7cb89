import type {
  HttpHandler,
  HttpMethod,
  HttpRequest,
  HttpResponseInit,
  InvocationContext,
} from "@azure/functions";
import { AppError } from "../domain/app-error.ts";
import { type Identity, requireScope, type Scope } from "../domain/identity.ts";
import type { Authenticator } from "../ports/callers.ts";
import { shareWith } from "./cors.ts";
import { type RenderError, respondError } from "./respond.ts";
import { routeReader } from "./route.ts";

/**
 * Who may pass: anyone; an authenticated caller; a caller, or the holder of a signed address; or the holder of an id that
 * can't be guessed, whom the handler alone can tell from others.
 */
export type Access = "public" | "caller" | "callerOrSignature" | "capability";

export interface EndpointCall {
  request: HttpRequest;
  /** Read from the path alone: the host mixes query and body values into `request.params`. */
  params: Readonly<Record<string, string | undefined>>;
  /** Empty on an endpoint that asks for no credentials, and on a signed address that came without. */
  caller: string;
  /** Of the caller; absent where that is empty. */
  identity?: Identity | undefined;
  requestId: string;
  context: InvocationContext;
}

/** An HTTP function: where it is, who may call it, what it does. Registered by index.ts and nowhere else. */
export interface Endpoint {
  name: string;
  /** GET stands for HEAD as well. */
  method: HttpMethod;
  route: string;
  access: Access;
  /** What a caller needs, one of these; by default `read` to look, and `generate` or `edit` for anything else. */
  scopes?: readonly Scope[];
  /** Whether it takes a caller's own key or sign-in, and no token. */
  refusesTokens?: true;
  /** Whether it needs the durable client, to start or look after jobs. */
  runsJobs?: true;
  /** How its errors are worded, if not as everywhere. */
  renderError?: RenderError;
  /** Headers of its errors, beside the usual ones. */
  errorHeaders?: (failure: AppError) => Record<string, string>;
  handle(call: EndpointCall): Promise<HttpResponseInit> | HttpResponseInit;
}

/** What all HTTP handlers have around them. */
interface Edge {
  authenticator: Authenticator;
  /** Whether an error says that storage is away: there is nothing to mend here, and anyone who asks again may be served. */
  isOutage: (error: unknown) => boolean;
  /** Origins whose pages may read the answers. */
  corsOrigins: readonly string[];
}

/**
 * The one wrapper of all HTTP handlers: request id, authentication, errors, log line.
 *
 * It always answers. With streaming on, a handler that throws or returns nothing leaves the client hanging for minutes
 * (azure-functions-nodejs-library issue 324).
 */
export function toHttpHandler(
  endpoint: Omit<Endpoint, "method">,
  { authenticator, isOutage, corsOrigins }: Edge,
): HttpHandler {
  const paramsAt = routeReader(endpoint.route);
  return async (request, context) => {
    const requestId = context.invocationId;
    const started = performance.now();
    const answered = await answer(request, context, requestId);
    shareWith(corsOrigins, request, answered.headers);
    const response = request.method === "HEAD" ? await withoutBody(answered) : answered;
    const took = Math.round(performance.now() - started);
    context.info(
      `${request.method} ${endpoint.route} ${response.status} in ${took} ms, request ${requestId}`,
    );
    return response;
  };

  async function answer(
    request: HttpRequest,
    context: InvocationContext,
    requestId: string,
  ): Promise<Sealed> {
    try {
      const identity = await identify(request);
      const caller = identity?.caller ?? "";
      const params = paramsAt(new URL(request.url).pathname) ?? {};
      const call = { request, params, caller, identity, requestId, context };
      return sealed(await endpoint.handle(call), requestId);
    } catch (error) {
      if (!(error instanceof AppError) || error.code === "internal")
        logFailure(context, endpoint.name, requestId, error);
      const shown = isOutage(error) ? new AppError("upstreamUnavailable", storageAway) : error;
      const response = respondError(shown, requestId, endpoint.renderError);
      const headers = new Headers(response.headers);
      const own = shown instanceof AppError ? endpoint.errorHeaders?.(shown) : {};
      for (const [name, value] of Object.entries(own ?? {})) headers.set(name, value);
      return sealed({ ...response, headers }, requestId);
    }
  }

  async function identify(request: HttpRequest): Promise<Identity | undefined> {
    if (endpoint.access === "public" || endpoint.access === "capability") return undefined;
    const isSigned = endpoint.access === "callerOrSignature" && request.query.has("signature");
    try {
      const identity = await authenticator.identify(request.headers);
      if (identity) requireAccess(endpoint, request.method, identity);
      if (identity) return identity;
    } catch (error) {
      // A signed address is enough by itself, whatever comes with it.
      if (!isSigned || !(error instanceof AppError)) throw error;
    }
    if (isSigned) return undefined;
    const sent = request.headers.has("api-key") || request.headers.has("authorization");
    const how = "Send your key as header api-key, or as Authorization: Bearer.";
    throw new AppError("unauthorized", sent ? "This key is not known here." : how);
  }
}

const readsOnly: readonly Scope[] = ["read"];
const acts: readonly Scope[] = ["generate", "edit"];

function requireAccess(
  { scopes, refusesTokens }: Pick<Endpoint, "scopes" | "refusesTokens">,
  method: string,
  identity: Identity,
): void {
  if (refusesTokens && identity.token)
    throw new AppError("forbidden", "This takes a caller's own key; a token is not enough.");
  requireScope(identity, scopes ?? (["GET", "HEAD"].includes(method) ? readsOnly : acts));
}

const storageAway = "The storage of this service can't be used at the moment.";

type Sealed = HttpResponseInit & { headers: Headers };

/** The answer with the headers that every answer has. Throws, while it can still be answered, when some can't be sent. */
function sealed(response: HttpResponseInit, requestId: string): Sealed {
  const headers = new Headers(response.headers);
  headers.set("x-request-id", requestId);
  headers.set("x-content-type-options", "nosniff");
  return { ...response, headers };
}

/** What a HEAD is answered with. A stream that nobody reads is told so, and lets go of what it holds. */
async function withoutBody({ body, ...response }: HttpResponseInit): Promise<HttpResponseInit> {
  if (body instanceof ReadableStream) await body.cancel();
  return response;
}

function logFailure(context: InvocationContext, name: string, requestId: string, error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : `a thrown ${typeof error}`;
  // A storage error's text may hold the address that was asked for, signature included.
  context.error(
    `${name} failed, request ${requestId}: ${text.replace(/([?&](sig|signature)=)[^&\s]+/gi, "$1…")}`,
  );
}

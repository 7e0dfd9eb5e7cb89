import type { OutgoingHttpHeaders } from "node:http";
import type { RpcCookie, RpcHttp } from "./core-types.ts";
import { answerEmpty, flatHeaders, flatQuery, readBody, hostSpanOf } from "./http-message.ts";
import type { HttpCall, HttpModeParts } from "./http-stream.ts";

/**
 * RPC mode, for an app that has not turned streaming on: the whole request is one message, and so is the
 * answer (HOST GrpcMessageConversionExtensions.cs `ToRpcHttp`).
 */
export function createRpcMode({ invoker, bodyLimit }: HttpModeParts) {
  const answer = async (call: HttpCall): Promise<void> => {
    const { target, request, response } = call;
    try {
      const { response: reply } = await invoker.invoke(target, {
        data: { http: await toRpc(call, bodyLimit) },
        traceParent: hostSpanOf(request),
        reason: "This function was programmatically called via the host APIs.",
      });
      const http = reply.returnValue?.http;
      if (!http) {
        answerEmpty(response, 204);
        return;
      }
      response.writeHead(Number(http.statusCode ?? 200), responseHeaders(http));
      response.end(request.method === "HEAD" ? undefined : http.body?.bytes);
    } catch {
      // Logged where the call was made; the real host gives the client no reason (HOST ExceptionMiddleware.cs).
      answerEmpty(response, 500);
    }
  };
  return (call: HttpCall): void => void answer(call);
}

async function toRpc({ request, url, params }: HttpCall, bodyLimit: number): Promise<RpcHttp> {
  // The real host copies a body only when its length is announced: a chunked one arrives empty.
  const announced = Number(request.headers["content-length"] ?? 0) > 0;
  return {
    url: url.href,
    method: request.method ?? "GET",
    nullableHeaders: nullable(flatHeaders(request)),
    nullableQuery: nullable(flatQuery(url.searchParams)),
    nullableParams: nullable(params),
    ...(announced ? { body: { bytes: await readBody(request, bodyLimit) } } : {}),
  };
}

function nullable(values: Record<string, string>): Record<string, { value: string }> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));
}

function responseHeaders({ headers = {}, cookies = [] }: RpcHttp): OutgoingHttpHeaders {
  return cookies.length === 0 ? headers : { ...headers, "set-cookie": cookies.map(serializeCookie) };
}

function serializeCookie(cookie: RpcCookie): string {
  const seconds = cookie.expires?.value.seconds;
  const parts = [
    `${cookie.name}=${encodeURIComponent(cookie.value)}`,
    cookie.maxAge && `Max-Age=${cookie.maxAge.value}`,
    cookie.domain && `Domain=${cookie.domain.value}`,
    cookie.path && `Path=${cookie.path.value}`,
    seconds !== undefined && `Expires=${new Date(seconds * 1000).toUTCString()}`,
    cookie.secure?.value && "Secure",
    cookie.httpOnly?.value && "HttpOnly",
    // The protocol's "none" means that nothing was chosen; the cookie value None travels as "explicitNone".
    cookie.sameSite &&
      cookie.sameSite !== "none" &&
      `SameSite=${cookie.sameSite.replace("explicitNone", "none")}`,
  ];
  return parts.filter((part) => typeof part === "string").join("; ");
}

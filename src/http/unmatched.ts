import type { HttpMethod } from "@azure/functions";
import { AppError } from "../domain/app-error.ts";
import type { Endpoint } from "./endpoint.ts";
import { answerPreflight, isPreflight } from "./cors.ts";
import { type RenderError, renderError, respondError } from "./respond.ts";
import { routeReader } from "./route.ts";

/** Addresses whose errors are worded in a way of their own: those below a path. */
export interface ErrorSurface {
  below: string;
  render: RenderError;
}

/** Like an endpoint, but of no single method. */
interface Unmatched extends Omit<Endpoint, "method"> {
  methods: HttpMethod[];
}

// In the order of function names, in which the host tries routes, after all others.
const name = "zz-unmatched";

/**
 * Answers what no other route does, because the host's own answer to it is a 404 without a word: 405 where the address
 * is known under other methods, and 404 elsewhere. A browser's question before a page's request is answered here for all routes.
 *
 * `/admin` and `/runtime` stay the host's.
 */
export function unmatched(
  endpoints: readonly Pick<Endpoint, "method" | "route">[],
  surfaces: readonly ErrorSurface[] = [],
  corsOrigins: readonly string[] = [],
): Unmatched[] {
  const routes = endpoints.map(({ method, route }) => ({ method, read: routeReader(route) }));
  const methodsAt = (path: string): HttpMethod[] => {
    const found = routes.filter(({ read }) => read(path) !== undefined).map(({ method }) => method);
    return [...new Set(found.flatMap(methodsOf))].sort();
  };
  const endpoint = (at: string, route: string, methods: HttpMethod[]): Unmatched => ({
    name: `${name}-${at}`,
    methods,
    route,
    access: "public",
    handle({ request, requestId }) {
      const { pathname } = new URL(request.url);
      const { render } = surfaces.find(({ below }) => pathname.toLowerCase().startsWith(`/${below}/`)) ?? {
        render: renderError,
      };
      const allowed = methodsAt(pathname);
      if (allowed.length === 0)
        return respondError(new AppError("notFound", noSuchAddress), requestId, render);
      if (isPreflight(request)) {
        const shared = answerPreflight(corsOrigins, request, allowed);
        return shared ?? { ...respondError(unlisted, requestId, render), status: 403 };
      }
      const allow = allowed.join(", ");
      const failure = new AppError("invalidRequest", `The method must be one of: ${allow}.`);
      const response = respondError(failure, requestId, render);
      const headers = new Headers(response.headers);
      headers.set("allow", allow);
      return { ...response, status: 405, headers };
    },
  });
  return [
    endpoint("path", "{*path:regex(^(?!admin|runtime).*$)}", ["GET", "HEAD", ...others]),
    // The constraint above is never met where there is nothing to check. The page answers GET and HEAD there.
    endpoint("root", "{root:maxlength(0)?}", others),
  ];
}

const others: HttpMethod[] = ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const unlisted = new AppError(
  "invalidRequest",
  "Pages of this origin may not call: CORS_ORIGINS doesn't list it.",
);
const noSuchAddress =
  "There is nothing at this address. Darkroom's own API is below /api; base URLs for other clients: /v1 for OpenAI's, /openai/v1 for Azure's v1 API, and the address without a path as an Azure OpenAI endpoint.";

/** Whatever answers GET answers HEAD (RFC 9110, 9.1); the host wants each method named. */
export function methodsOf(method: HttpMethod): HttpMethod[] {
  return method === "GET" ? ["GET", "HEAD"] : [method];
}

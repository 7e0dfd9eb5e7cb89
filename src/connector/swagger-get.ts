import { createHash } from "node:crypto";
import { AppError } from "../domain/app-error.ts";
import type { ConnectorDefinition } from "../ports/served-files.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { respondJson } from "../http/respond.ts";
import type { Addressing } from "../http/origin-of.ts";

const route = "connector.swagger.json";
// The designers read it from their own origin. It is the same for everybody, and no credentials come with it.
const toAnyOrigin = { "access-control-allow-origin": "*" };

/** The connector's definition, for designers that take one by its address: it calls the host it was asked at, or the public one. */
export const connectorSwaggerGet = ({
  definition,
  originOf,
}: Addressing & { definition: ConnectorDefinition }): Endpoint => ({
  name: "connector-swagger-get",
  method: "GET",
  route,
  access: "public",
  async handle({ request }) {
    const file = await definition.read();
    if (!file) throw new AppError("notFound", "The definition was not built: npm run build.");
    const origin = originOf(request);
    const { host, protocol, pathname } = new URL(origin);
    const etag = `"${tagAt(origin, file.tag)}"`;
    // Asked for each time: a cache between that was once asked under somebody else's host would send designers, and the
    // keys that they are given, there.
    const headers = { ...toAnyOrigin, "cache-control": "no-cache", etag };
    if (request.headers.get("if-none-match")?.includes(etag)) return { status: 304, headers };
    const { basePath } = file.document;
    const at = {
      host,
      schemes: [protocol.replace(":", "")],
      ...(pathname !== "/" && {
        basePath: `${pathname}${typeof basePath === "string" ? basePath.replace(/\/$/, "") : ""}`,
      }),
    };
    return respondJson(200, { ...file.document, ...at }, headers);
  },
});

/** What is answered differs from host to host. */
function tagAt(origin: string, tag: string): string {
  return createHash("sha256").update(`${origin} ${tag}`).digest("base64url").slice(0, 16);
}

/** A browser's question before the above: the designer sends headers of its own, so it doesn't go without asking. */
export const connectorSwaggerOptions = (): Endpoint => ({
  name: "connector-swagger-options",
  method: "OPTIONS",
  route,
  access: "public",
  handle: () => ({
    status: 204,
    headers: {
      ...toAnyOrigin,
      "access-control-allow-methods": "GET",
      // A star doesn't cover authorization, which is sent by some readers and looked at by nobody here.
      "access-control-allow-headers": "*, authorization",
      "access-control-max-age": "86400",
    },
  }),
});

import type { Endpoint } from "../http/endpoint.ts";
import type { BuildReader } from "../ports/served-files.ts";
import { respondJson } from "../http/respond.ts";

interface Dependencies {
  publicOrigin?: string | undefined;
  build: BuildReader;
}

/**
 * The description of this surface: at the public origin, or else, by OpenAPI's own default, wherever it was read. Written when
 * first asked for: most instances never are.
 */
export const openapiGet = ({ publicOrigin, build }: Dependencies): Endpoint => ({
  name: "openapi-get",
  method: "GET",
  route: "openapi.json",
  access: "public",
  async handle() {
    const { openApiDocument } = await import("../contracts/openapi.ts");
    const servers = publicOrigin === undefined ? {} : { servers: [{ url: publicOrigin }] };
    const document = openApiDocument();
    const { version, build: hash } = await build();
    const info = { ...document.info, version, "x-build": hash };
    return respondJson(200, { ...document, info, ...servers }, { "cache-control": "public, max-age=300" });
  },
});

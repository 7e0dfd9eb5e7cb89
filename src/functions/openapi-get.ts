import type { Endpoint } from "../http/endpoint.ts";
import { respondJson } from "../http/respond.ts";

/**
 * The description of this surface: at the public origin, or else, by OpenAPI's own default, wherever it was read. Written when
 * first asked for: most instances never are.
 */
export const openapiGet = ({ publicOrigin }: { publicOrigin?: string | undefined }): Endpoint => ({
  name: "openapi-get",
  method: "GET",
  route: "openapi.json",
  access: "public",
  async handle() {
    const { openApiDocument } = await import("../contracts/openapi.ts");
    const servers = publicOrigin === undefined ? {} : { servers: [{ url: publicOrigin }] };
    return respondJson(200, { ...openApiDocument(), ...servers }, { "cache-control": "public, max-age=300" });
  },
});

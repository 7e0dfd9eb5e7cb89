import type { Endpoint } from "./endpoint.ts";
import { respondJson } from "./respond.ts";

/** The description of this surface. Written when first asked for: most instances never are. */
export const openapiGet = (): Endpoint => ({
  name: "openapi-get",
  method: "GET",
  route: "openapi.json",
  access: "public",
  async handle() {
    const { openApiDocument } = await import("../contracts/openapi.ts");
    return respondJson(200, openApiDocument(), { "cache-control": "public, max-age=300" });
  },
});

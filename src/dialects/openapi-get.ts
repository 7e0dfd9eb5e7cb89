import type { Endpoint } from "../http/endpoint.ts";
import { respondJson } from "../http/respond.ts";

interface Deps {
  publicOrigin: string | undefined;
}

const places = [
  { route: "v1/openapi.json", name: "v1-openapi", dialect: "openai" },
  { route: "openai/v1/openapi.json", name: "openai-v1-openapi", dialect: "openai" },
  { route: "openai/openapi.json", name: "azure-openapi", dialect: "azure" },
] as const;

/** The descriptions of the dialects, below their own bases. Made when first asked for, as /openapi.json. */
export function dialectDocumentEndpoints({ publicOrigin }: Deps): Endpoint[] {
  return places.map(({ route, name, dialect }) => ({
    name,
    method: "GET",
    route,
    access: "public",
    async handle() {
      const { dialectDocument } = await import("./documents.ts");
      const servers = publicOrigin === undefined ? {} : { servers: [{ url: publicOrigin }] };
      const document = { ...dialectDocument(dialect), ...servers };
      return respondJson(200, document, { "cache-control": "public, max-age=300" });
    },
  }));
}

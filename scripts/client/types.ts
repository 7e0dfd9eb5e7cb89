import { fileURLToPath } from "node:url";
import openapiTS, { astToString, type OpenAPI3 } from "openapi-typescript";
import { openApiDocument } from "../../src/contracts/openapi.ts";

export const typesFile = fileURLToPath(new URL("../../packages/client/src/openapi.ts", import.meta.url));

const head =
  "/** Written by `npm run client-types` from the OpenAPI document of the app. Not edited by hand. */\n\n";

// What has a default may be left out of a request.
const options = { defaultNonNullable: false };

/** The client's types, from the schemas of the document that the app serves. */
export async function clientTypes(): Promise<string> {
  const document = JSON.parse(JSON.stringify(openApiDocument())) as OpenAPI3;
  return head + astToString(await openapiTS({ ...document, paths: {}, webhooks: {} }, options));
}

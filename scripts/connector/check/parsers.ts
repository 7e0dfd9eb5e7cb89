import SwaggerParser from "@apidevtools/swagger-parser";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import type { JsonObject } from "../json.ts";
import type { Finding } from "./finding.ts";

/** Whether readers of other people's making understand the document as OpenAPI 2.0. */
export async function checkParsers(definition: JsonObject): Promise<Finding[]> {
  return [...(await bySwaggerParser(definition)), ...(await byRedocly(definition))];
}

async function bySwaggerParser(definition: JsonObject): Promise<Finding[]> {
  try {
    // The parser writes into what it is given.
    const copy = JSON.parse(JSON.stringify(definition)) as Exclude<
      Parameters<typeof SwaggerParser.validate>[0],
      string
    >;
    await SwaggerParser.validate(copy);
    return [];
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [{ rule: "swagger-parser", place: "document", message }];
  }
}

async function byRedocly(definition: JsonObject): Promise<Finding[]> {
  const config = await createConfig({ extends: ["minimal"] });
  const problems = await lintFromString({ source: JSON.stringify(definition), config });
  return problems
    .filter(({ severity }) => severity === "error")
    .map(({ ruleId, message, location }) => ({
      rule: `redocly:${ruleId}`,
      place: location[0]?.pointer ?? "document",
      message,
    }));
}

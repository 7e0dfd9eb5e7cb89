import type { HttpRequest } from "@azure/functions";
import { readQuery } from "../functions/jobs-list.ts";

/**
 * Parameters as the schemas know them. Workflows write booleans as True and False, and send what was left empty as an
 * empty text.
 */
export function readConnectorQuery(request: HttpRequest): Record<string, unknown> {
  const given = Object.entries(readQuery(request)).filter(([, value]) => value !== "");
  return Object.fromEntries(
    given.map(([name, value]) => [name, name === "includeContent" ? toBoolean(value) : value]),
  );
}

function toBoolean(value: unknown): unknown {
  const text = String(value).toLowerCase();
  return text === "true" || text === "false" ? text === "true" : value;
}

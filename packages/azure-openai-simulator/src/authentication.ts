import type { IncomingHttpHeaders } from "node:http";
import { ServiceError } from "./service-error.ts";
import { statusError } from "./status-errors.ts";
import type { Dialect } from "./wire.ts";

const jsonWebToken = /^[\w-]+\.[\w-]+\.[\w-]*$/;

function bearerOf(headers: IncomingHttpHeaders): string | undefined {
  return /^Bearer (.+)$/i.exec(headers.authorization ?? "")?.[1];
}

/** Throws the service's 401 unless the caller holds the key, or a token while Entra sign-in is on. */
export function authenticate(
  dialect: Dialect,
  headers: IncomingHttpHeaders,
  key: string,
  entra: boolean,
): void {
  const bearer = bearerOf(headers);
  if (dialect !== "openai" && headers["api-key"] === key) return;
  if (bearer === key) return;
  if (entra && dialect !== "openai" && bearer !== undefined && jsonWebToken.test(bearer)) return;
  throw bearer !== undefined && dialect !== "openai" ? tokenRefused() : statusError(dialect, 401);
}

function tokenRefused(): ServiceError {
  const message =
    "Unauthorized. Access token is missing, invalid, audience is incorrect (https://cognitiveservices.azure.com), or have expired.";
  return new ServiceError(401, "401", message);
}

import type { HttpRequest } from "@azure/functions";

/** Where callers reach the app: scheme, host and, behind some gateways, the beginning of a path. No slash at its end. */
export type OriginOf = (request: Pick<HttpRequest, "url">) => string;

/** What makes addresses that leave the app. */
export interface Addressing {
  originOf: OriginOf;
}

/**
 * The configured origin, or else the one that was asked. X-Forwarded-Host and its like are never believed: anyone who sends one
 * could have a signed address lead to a host of their own.
 */
export function originReader(publicOrigin: string | undefined): OriginOf {
  return ({ url }) => publicOrigin ?? new URL(url).origin;
}

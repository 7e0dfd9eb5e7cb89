import type { WireOperation } from "./wire.ts";

/** The address in an `operation-location`, which may come twice, quoted or in angle brackets; undefined for none. */
export function locationIn(header: string | null): string | undefined {
  const candidates = (header ?? "").split(/[\s,]+/).map((part) => part.replace(/^["'<]+|["'>;]+$/g, ""));
  return candidates.find((part) => (/^https?:\/\//i.test(part) ? URL.canParse(part) : part.startsWith("/")));
}

/** Where an operation stands whose answer named its id and no address. Source: azure-rest-api-specs, 2023-06-01-preview. */
export function pathOfId({ id }: WireOperation, base: string, apiVersion: string): string | undefined {
  if (id === undefined || id === null || !/^[\w.:-]{1,200}$/.test(String(id))) return undefined;
  const prefix = new URL(base).pathname.replace(/\/+$/, "");
  return `${prefix}/operations/images/${String(id)}?api-version=${encodeURIComponent(apiVersion)}`;
}

/**
 * The operation's path and query, to be asked for at the configured endpoint. The header may name the host behind a
 * gateway, which then also lacks the gateway's own path; or somebody else's, which must not get the key.
 */
export function pathOf(location: string, base: string): string {
  const endpoint = new URL(base);
  const { host, pathname, search } = new URL(location, base);
  const prefix = endpoint.pathname.replace(/\/openai\/?$/, "");
  const isBehind = host !== endpoint.host && !pathname.startsWith(`${prefix}/`);
  return `${isBehind ? prefix : ""}${pathname}${search}`;
}

/** Always the endpoint's own origin: a path that begins with two slashes would else name another host, and get the key. */
export function addressOf(operation: string, base: string): string {
  const { pathname, search } = new URL(`http://path${operation.replace(/^\/+/, "/")}`);
  const address = new URL(base);
  address.pathname = pathname;
  address.search = search;
  return address.href;
}

import { ServiceError, errorReply } from "../service-error.ts";
import { statusError } from "../status-errors.ts";
import type { Call, Reply } from "../wire.ts";
import type { SimulatedFault } from "./fault.ts";

/** The status a fault puts in place of an answer; a refusal's own status is not one. */
export function replacesAnswer({ status, refuse }: SimulatedFault): boolean {
  return status !== undefined && status >= 300 && refuse === undefined;
}

export function statusReply(
  call: Call,
  { status = 500, code, message, location }: SimulatedFault,
  url: string,
): Reply {
  const reply = errorReply(call.dialect, statusError(call.dialect, status, code, message));
  if (status >= 400) return reply;
  return { ...reply, headers: { ...reply.headers, location: location ?? elsewhere(call, url) } };
}

/** The same address under the machine's other name: a redirect to another host that does answer. */
function elsewhere({ path, query }: Call, url: string): string {
  const other = new URL(`${path}?${query.toString()}`, url);
  other.hostname = "localhost";
  return other.href;
}

/** Everything a fault does to a finished answer short of the wire itself. */
export function damage(reply: Reply, fault: SimulatedFault, call: Call): Reply {
  const bodied = damageBody(reply, fault, call);
  const headers = { ...bodied.headers, ...retryHeaders(fault.retry_after) };
  if (fault.content_type !== undefined) headers["content-type"] = fault.content_type;
  if (fault.clock !== undefined) headers.date = httpDate(fault.clock);
  return { ...bodied, headers };
}

const htmlPage =
  "<!doctype html><html><head><title>Service unavailable</title></head><body><h1>Our services aren't available right now</h1></body></html>";

function damageBody(reply: Reply, { body }: SimulatedFault, call: Call): Reply {
  switch (body) {
    case undefined:
      return reply;
    case "html":
      return { status: reply.status, headers: { "content-type": "text/html" }, body: Buffer.from(htmlPage) };
    case "truncated":
      return { ...reply, body: reply.body.subarray(0, Math.floor(reply.body.length * 0.6)) };
    case "none":
      return { status: reply.status, headers: reply.headers, body: Buffer.alloc(0) };
    case "error": {
      const error = new ServiceError(500, "InternalServerError", "The server had an error.");
      return { ...errorReply(call.dialect, error), status: reply.status };
    }
  }
}

function retryHeaders(retryAfter: string | undefined): Record<string, string> {
  if (retryAfter === undefined) return {};
  if (retryAfter.endsWith("ms")) return { "retry-after-ms": retryAfter.slice(0, -2) };
  if (retryAfter.startsWith("date:")) return { "retry-after": httpDate(Number(retryAfter.slice(5))) };
  return { "retry-after": retryAfter };
}

/** HTTP dates have whole seconds: rounded up, so that the date is never earlier than told. */
function httpDate(secondsFromNow: number): string {
  return new Date(Math.ceil(Date.now() / 1000 + secondsFromNow) * 1000).toUTCString();
}

/** What an answer's headers told the client to wait, in milliseconds. */
export function retryAfterOf(headers: Reply["headers"]): number | undefined {
  const milliseconds = headers["retry-after-ms"];
  if (milliseconds !== undefined) return Number(milliseconds);
  const retryAfter = headers["retry-after"];
  if (retryAfter === undefined) return undefined;
  return /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - Date.now();
}

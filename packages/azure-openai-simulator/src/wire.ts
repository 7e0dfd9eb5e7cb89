import type { IncomingHttpHeaders } from "node:http";
import type { Form } from "./edits/form.ts";
import type { EventStream } from "./streaming/event.ts";

/** Azure's resource paths, OpenAI's own, Azure's first (asynchronous) image API, and the blobs behind image URLs. */
export type Dialect = "azure" | "openai" | "legacy" | "blob";

export type RouteName = "generate" | "edit" | "submit" | "poll" | "delete" | "image";

/** The calls that cost something, as opposed to those that look after what came of them. */
export function asksForImages(route: RouteName): boolean {
  return route === "generate" || route === "edit" || route === "submit";
}

/** One request to the service, read to its end. */
export interface Call {
  readonly id: string;
  readonly route: RouteName;
  readonly dialect: Dialect;
  readonly method: string;
  readonly path: string;
  /** What the route's pattern captured: a deployment, an operation id, a file. */
  readonly captured: readonly string[];
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The parsed body; undefined when it is not JSON. */
  readonly json: unknown;
  /** The parsed body of an edit; undefined on every other route. */
  readonly form: Form | undefined;
  readonly arrivedAt: number;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** What follows the headers bit by bit, in place of the body. */
  readonly stream?: EventStream;
}

export function jsonReply(
  status: number,
  payload: unknown,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return {
    status,
    headers: { "content-type": "application/json", ...headers },
    body: Buffer.from(JSON.stringify(payload)),
  };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function field(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined;
}

export function unixSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}

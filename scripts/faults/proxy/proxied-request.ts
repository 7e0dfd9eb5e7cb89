import type { IncomingHttpHeaders } from "node:http";

export type Service = "blob" | "table" | "queue" | "upstream";

/** A request as rules see it. */
export interface ProxiedRequest {
  service: Service;
  kind: "read" | "write" | "delete" | "list";
  /** Name of the table, the container or the queue; upstream, the route: `generate`, `edit`, `submit`, `poll`, `delete`, `image`. */
  place: string;
  method: string;
  /** With its query. */
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** Path and body, percent-decoded as far as it goes, for patterns and marks. */
  text: string;
}

// Pictures are large, and what names a run stands in front: a form's fields, a row, a PNG's text.
const bytesSearched = 64 * 1024;

export function readable(path: string, body: Buffer): string {
  const text = `${path}\n${body.subarray(0, bytesSearched).toString("latin1")}`;
  return text.replace(/%([2-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

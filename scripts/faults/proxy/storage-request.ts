import type { IncomingHttpHeaders } from "node:http";
import { type ProxiedRequest, readable } from "./proxied-request.ts";

/**
 * Sorts a request to Azure Storage by what it does.
 *
 * Paths begin with the account, as the emulator's do: `/devstoreaccount1/images/NAME`, `/devstoreaccount1/jobs(PartitionKey='…',RowKey='…')`,
 * `/devstoreaccount1/$batch` (whose body names the table in each part's address).
 */
export function storageRequest(
  service: "blob" | "table" | "queue",
  method: string,
  path: string,
  headers: IncomingHttpHeaders,
  body: Buffer,
): ProxiedRequest {
  const text = readable(path, body);
  const request = { service, method, path, headers, body, text };
  if (service === "table") return { ...request, ...tableWork(method, path, text) };
  const place = /^\/[^/]+\/([^/?]+)/.exec(path)?.[1] ?? "";
  return { ...request, place, kind: workOf(method, /[?&]comp=list(&|$)/.test(path)) };
}

function tableWork(method: string, path: string, text: string): Pick<ProxiedRequest, "place" | "kind"> {
  if (/^\/[^/]+\/\$batch/.test(path)) {
    const inner = [...text.matchAll(/^(POST|PUT|PATCH|MERGE|DELETE) \S*?\/(\w+)(?:\(|\?| )/gm)];
    const isRemoval = inner.length > 0 && inner.every(([, verb]) => verb === "DELETE");
    return { place: inner[0]?.[2] ?? "", kind: isRemoval ? "delete" : "write" };
  }
  const [, place = "", key] = /^\/[^/]+\/(\w+)(\([^)]*\))?/.exec(path) ?? [];
  return { place, kind: workOf(method, key === undefined || key === "()") };
}

function workOf(method: string, isList: boolean): ProxiedRequest["kind"] {
  if (method === "DELETE") return "delete";
  if (method === "GET" || method === "HEAD") return isList ? "list" : "read";
  return "write";
}

/** The write that ends a job: the row that stands behind its events. */
export function isEnding({ service, kind, text }: ProxiedRequest): boolean {
  return service === "table" && kind === "write" && /"RowKey":"end"|RowKey='end'/.test(text);
}

/** Whether a body is read as a transaction's: its faults stand inside of a 202. */
export function isTransaction({ service, path }: ProxiedRequest): boolean {
  return service === "table" && /^\/[^/]+\/\$batch/.test(path);
}

import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { readBody } from "../http-message.ts";
import { managementUrls } from "./client-binding.ts";
import type { DurableAddresses } from "./client-binding.ts";
import { DurableRefusal } from "./client.ts";
import type { InstanceFilter, RefusalKind } from "./client.ts";
import type { HubClient } from "./hub-client.ts";
import { historyForClients } from "./history-view.ts";
import { isFinished } from "./state.ts";
import { describeInstance } from "./status.ts";

export interface ApiReply {
  status: number;
  body?: unknown;
  headers?: OutgoingHttpHeaders;
}

export interface DurableApiParts {
  hub: HubClient;
  addresses: DurableAddresses;
}

const refusalStatus: Record<RefusalKind, number> = {
  unknownInstance: 404,
  finished: 410,
  // The real extension reports a duplicate start as a server error (EXT HttpApiHandler.cs).
  exists: 500,
  notFailed: 412,
  unknownFunction: 400,
  badId: 400,
};

const inputLimit = 64 * 1024 * 1024;

/**
 * The durable client API. The same handler serves the SDK's own listener and the public webhook
 * (EXT HttpApiHandler.cs). `path` is what follows the base, without a leading slash.
 */
export function createDurableApi(parts: DurableApiParts) {
  return async (request: IncomingMessage, path: string, query: URLSearchParams): Promise<ApiReply> => {
    try {
      return await route(parts, request, path.split("/").map(decodeURIComponent), query);
    } catch (error) {
      if (!(error instanceof DurableRefusal)) throw error;
      return problem(refusalStatus[error.kind], error.message);
    }
  };
}

async function route(
  parts: DurableApiParts,
  request: IncomingMessage,
  [collection, first, verb, name]: string[],
  query: URLSearchParams,
): Promise<ApiReply> {
  const { hub } = parts;
  const method = request.method ?? "GET";
  if (collection === "orchestrators" && first && method === "POST")
    return start(parts, request, first, verb, query);
  if (collection !== "instances") return { status: 404 };
  if (!first) {
    if (method === "GET") return list(hub, request, query);
    return method === "DELETE" ? purgeMany(hub, query) : { status: 404 };
  }
  if (verb === undefined) {
    if (method === "GET") return status(hub, request, first, query);
    if (method !== "DELETE") return { status: 404 };
    return (await hub.purge(first)) ? { status: 200, body: { instancesDeleted: 1 } } : { status: 404 };
  }
  if (method !== "POST") return { status: 404 };
  const reason = query.get("reason") ?? "";
  switch (verb.toLowerCase()) {
    case "raiseevent":
      return raiseEvent(hub, request, first, name);
    case "terminate":
      await hub.terminate(first, reason);
      return { status: 202 };
    case "suspend":
      await hub.suspend(first, reason);
      return { status: 202 };
    case "resume":
      await hub.resume(first, reason);
      return { status: 202 };
    case "rewind":
      await hub.rewind(first, reason);
      return { status: 202 };
    case "restart":
      return restart(parts, first, query);
    default:
      return { status: 404 };
  }
}

async function start(
  parts: DurableApiParts,
  request: IncomingMessage,
  functionName: string,
  id: string | undefined,
  query: URLSearchParams,
): Promise<ApiReply> {
  const input = await readJson(request);
  if ("invalid" in input) return problem(400, input.invalid);
  const { hub } = parts;
  const started = await hub.start(functionName, input.value, id, query.get("version") ?? undefined);
  const seconds = Number(query.get("timeout") ?? 0);
  if (seconds > 0 && (await endsWithin(hub, started, seconds * 1000))) {
    const ended = await hub.getStatus(started);
    return ended?.runtimeStatus === "Failed"
      ? { status: 500, body: ended }
      : { status: 200, body: ended?.output };
  }
  return accepted(parts, started);
}

function accepted({ addresses }: DurableApiParts, id: string): ApiReply {
  const links = managementUrls(addresses, id);
  // The start reply, unlike the binding, has no link for rewinding.
  const shown = Object.entries(links).filter(([name]) => name !== "rewindPostUri");
  return {
    status: 202,
    body: { id, ...Object.fromEntries(shown) },
    headers: { location: links["statusQueryGetUri"] ?? "", "retry-after": "10" },
  };
}

async function endsWithin(hub: HubClient, id: string, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  const finished = async () => {
    await hub.whenFinished(id);
    return true;
  };
  const ended = await Promise.race([finished(), timeUp]);
  clearTimeout(timer);
  return ended;
}

async function restart(parts: DurableApiParts, id: string, query: URLSearchParams): Promise<ApiReply> {
  // An unknown id is a bad request here, unlike everywhere else.
  if (!(await parts.hub.getStatus(id))) return problem(400, `No instance with ID '${id}' was found.`);
  const keepId = query.get("restartWithNewInstanceId")?.toLowerCase() === "false";
  return accepted(parts, await parts.hub.restart(id, keepId));
}

async function status(
  hub: HubClient,
  request: IncomingMessage,
  id: string,
  query: URLSearchParams,
): Promise<ApiReply> {
  const found = await hub.getStatus(id);
  if (!found) return { status: 404 };
  const body: object = {
    ...found,
    ...(flag(query, "showInput", true) ? {} : { input: null }),
    ...(flag(query, "showHistory", false)
      ? { historyEvents: historyForClients(await hub.history(id), flag(query, "showHistoryOutput", false)) }
      : {}),
  };
  if (!isFinished(found.runtimeStatus)) {
    const self = `http://${request.headers.host ?? ""}${request.url ?? ""}`;
    return { status: 202, body, headers: { location: self, "retry-after": "5" } };
  }
  const asError =
    found.runtimeStatus === "Failed" && flag(query, "returnInternalServerErrorOnFailure", false);
  return { status: asError ? 500 : 200, body };
}

async function list(hub: HubClient, request: IncomingMessage, query: URLSearchParams): Promise<ApiReply> {
  const found = await hub.list(filterOf(query));
  const offset = Number(request.headers["x-ms-continuation-token"] ?? 0);
  const top = Number(query.get("top") ?? 100);
  const page = found.slice(offset, offset + top);
  const body = page.map((header) => describeInstance(header, flag(query, "showInput", true)));
  const next = offset + page.length;
  // The SDK asks on until the token is missing.
  return next < found.length
    ? { status: 200, body, headers: { "x-ms-continuation-token": String(next) } }
    : { status: 200, body };
}

async function purgeMany(hub: HubClient, query: URLSearchParams): Promise<ApiReply> {
  const filter = filterOf(query);
  if (filter.createdFrom === undefined)
    return problem(400, "Please provide value for 'createdTimeFrom' parameter.");
  const finished = (await hub.list(filter)).filter((header) => isFinished(header.status));
  for (const header of finished) await hub.purge(header.id);
  return finished.length === 0
    ? { status: 404 }
    : { status: 200, body: { instancesDeleted: finished.length } };
}

function filterOf(query: URLSearchParams): InstanceFilter {
  const createdFrom = time(query.get("createdTimeFrom"));
  const createdTo = time(query.get("createdTimeTo"));
  return {
    ...(createdFrom === undefined ? {} : { createdFrom }),
    ...(createdTo === undefined ? {} : { createdTo }),
    statuses: (query.get("runtimeStatus") ?? "").split(",").filter((each) => each !== ""),
    idPrefix: query.get("instanceIdPrefix") ?? "",
  };
}

function time(text: string | null): number | undefined {
  const value = text === null ? NaN : Date.parse(text);
  return Number.isNaN(value) ? undefined : value;
}

function flag(query: URLSearchParams, name: string, fallback: boolean): boolean {
  const text = query.get(name)?.toLowerCase();
  return text === undefined ? fallback : text === "true";
}

async function raiseEvent(
  hub: HubClient,
  request: IncomingMessage,
  id: string,
  name: string | undefined,
): Promise<ApiReply> {
  if (!name) return { status: 404 };
  if (!/^application\/json\b/i.test(request.headers["content-type"] ?? "")) {
    return problem(400, "Only application/json request content is supported");
  }
  const data = await readJson(request);
  if ("invalid" in data) return problem(400, data.invalid);
  await hub.raiseEvent(id, name, data.value);
  return { status: 202 };
}

async function readJson(request: IncomingMessage): Promise<{ value: unknown } | { invalid: string }> {
  const text = (await readBody(request, inputLimit)).toString("utf8");
  if (text.trim() === "") return { value: undefined };
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { invalid: `Invalid JSON content: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function problem(status: number, message: string): ApiReply {
  return { status, body: { Message: message, ExceptionMessage: message, ExceptionType: "", StackTrace: "" } };
}

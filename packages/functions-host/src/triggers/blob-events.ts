import { BlobClient } from "@azure/storage-blob";
import type { IncomingMessage } from "node:http";
import type { ApiReply } from "../durable/http-api.ts";
import { readBody } from "../http-message.ts";
import { functionId } from "./blob-scanner.ts";
import type { BlobFunction, BlobScanner } from "./blob-scanner.ts";

interface EventGridEvent {
  data?: { validationCode?: string; url?: string; eTag?: string };
}

/**
 * The webhook Event Grid posts blob events to, `/runtime/webhooks/blobs?functionName=Host.Functions.NAME` (WJS Blobs
 * BlobsExtensionConfigProvider.cs). The storage emulator sends none, so this serves tests and tools.
 */
export function createBlobEvents(functions: readonly BlobFunction[], announce: BlobScanner["announce"]) {
  return async (request: IncomingMessage, query: URLSearchParams): Promise<ApiReply> => {
    const found = functions.find(({ target }) => functionId(target.name) === query.get("functionName"));
    if (!found) return { status: 404 };
    const content: unknown = JSON.parse((await readBody(request, 1024 * 1024)).toString("utf8"));
    const events = (Array.isArray(content) ? content : [content]) as EventGridEvent[];
    switch (String(request.headers["aeg-event-type"]).toLowerCase()) {
      case "subscriptionvalidation":
        return { status: 200, body: { validationResponse: events[0]?.data?.validationCode } };
      case "notification":
        for (const event of events) await announceEvent(found, event, announce);
        return { status: 202 };
      case "unsubscribe":
        return { status: 202 };
      default:
        return { status: 400 };
    }
  };
}

async function announceEvent(
  found: BlobFunction,
  { data }: EventGridEvent,
  announce: BlobScanner["announce"],
): Promise<void> {
  // Which kinds of events come, the subscription says; which blob is meant, the address alone.
  const { containerName, name } = new BlobClient(data?.url ?? "");
  if (containerName !== found.path.container || !found.path.match(name)) return;
  await announce(found, name, data?.eTag ?? "");
}

import type { IncomingMessage } from "node:http";
import type { ApiReply } from "../durable/http-api.ts";
import { readBody } from "../http-message.ts";
import { functionId } from "./blob-scanner.ts";
import type { BlobFunction, BlobScanner } from "./blob-scanner.ts";

interface EventGridEvent {
  eventType?: string;
  subject?: string;
  data?: { validationCode?: string; eTag?: string };
}

/**
 * The webhook Event Grid posts blob events to (`/runtime/webhooks/blobs?functionName=Host.Functions.NAME`). The
 * storage emulator sends none, so this serves tests and tools.
 */
export function createBlobEvents(functions: readonly BlobFunction[], announce: BlobScanner["announce"]) {
  return async (request: IncomingMessage, query: URLSearchParams): Promise<ApiReply> => {
    const found = functions.find(({ target }) => functionId(target.name) === query.get("functionName"));
    if (!found) return { status: 404 };
    const content: unknown = JSON.parse((await readBody(request, 1024 * 1024)).toString("utf8"));
    const events = (Array.isArray(content) ? content : [content]) as EventGridEvent[];
    for (const event of events) {
      if (event.eventType === "Microsoft.EventGrid.SubscriptionValidationEvent") {
        return { status: 200, body: { validationResponse: event.data?.validationCode } };
      }
      await announceEvent(found, event, announce);
    }
    return { status: 202 };
  };
}

async function announceEvent(
  found: BlobFunction,
  { eventType, subject, data }: EventGridEvent,
  announce: BlobScanner["announce"],
): Promise<void> {
  if (eventType !== "Microsoft.Storage.BlobCreated") return;
  const [, container, name] = /\/containers\/([^/]+)\/blobs\/(.+)$/.exec(subject ?? "") ?? [];
  if (container !== found.path.container || name === undefined || !found.path.match(name)) return;
  const blob = found.service.getContainerClient(container).getBlockBlobClient(name);
  const etag = data?.eTag ?? (await blob.getProperties()).etag;
  if (etag !== undefined) await announce(found, name, etag);
}

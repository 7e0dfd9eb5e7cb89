import { BlobServiceClient } from "@azure/storage-blob";
import { QueueServiceClient } from "@azure/storage-queue";
import { option } from "../functions.ts";
import type { LoadedFunction, Settings } from "../functions.ts";
import type { BlobFunction, BlobTriggerMessage } from "./blob-scanner.ts";
import { functionId, createBlobScanner } from "./blob-scanner.ts";
import { createBlobEvents } from "./blob-events.ts";
import { blobCall } from "./blob-payload.ts";
import { parseBlobPath } from "./blob-path.ts";
import { startQueueListener } from "./queue-listener.ts";
import { queueCall } from "./queue-payload.ts";
import type { TriggerParts, Triggers } from "./trigger-parts.ts";

// The real host hides a message for ten minutes, and so does a killed host: too long to wait for on a desk.
const defaultVisibilitySeconds = 30;
// The real host scans every ten seconds or more; where it is told by events it never does, and nor does this one at 0.
const defaultBlobScanInterval = 1000;
const poisonSuffix = "-poison";

type Stop = () => Promise<void>;

/** Starts one listener for each queue function. */
export function startQueues(parts: TriggerParts, targets: readonly LoadedFunction[]): Stop[] {
  const { environment, config, log, invoker } = parts;
  return targets.map((target) => {
    const name = option(target.trigger, "queueName") ?? "";
    const service = QueueServiceClient.fromConnectionString(connectionOf(target, environment), retries);
    return startQueueListener({
      queue: service.getQueueClient(name),
      poison: name.endsWith(poisonSuffix) ? undefined : service.getQueueClient(`${name}${poisonSuffix}`),
      config: config.queues,
      visibilitySeconds: visibilityOf(environment),
      log,
      async handle(message) {
        await invoker.invoke(target, queueCall(name, message));
      },
    });
  });
}

/** Starts the scan for new blobs and the queue that carries them to their functions. */
export async function startBlobs(
  parts: TriggerParts,
  targets: readonly LoadedFunction[],
): Promise<{ stop: Stop; startScan: () => Stop; events: Triggers["blobEvents"] }> {
  const { environment, config, log, hostId, invoker } = parts;
  const own = storageConnection("AzureWebJobsStorage", environment);
  const functions: BlobFunction[] = targets.map((target) => ({
    target,
    path: parseBlobPath(option(target.trigger, "path") ?? ""),
    service: BlobServiceClient.fromConnectionString(connectionOf(target, environment), retries),
  }));
  const queues = QueueServiceClient.fromConnectionString(own, retries);
  const queue = queues.getQueueClient(`azure-webjobs-blobtrigger-${hostId}`);
  const receipts = BlobServiceClient.fromConnectionString(own, retries).getContainerClient(
    "azure-webjobs-hosts",
  );
  // Watched containers are there from the start, so that a first file can be dropped: elsewhere infrastructure makes them.
  const watched = functions.map(({ path, service }) => service.getContainerClient(path.container));
  await Promise.all([queue, receipts, ...watched].map((place) => place.createIfNotExists()));

  const interval = Number(environment["LOCAL_HOST_BLOB_SCAN_MS"] ?? defaultBlobScanInterval);
  const scanner = createBlobScanner({ functions, receipts, queue, hostId, interval, log });
  const stopQueue = startQueueListener({
    queue,
    poison: queues.getQueueClient("webjobs-blobtrigger-poison"),
    config: { ...config.queues, messageEncoding: "base64", maxDequeueCount: config.blobs.poisonThreshold },
    visibilitySeconds: visibilityOf(environment),
    log,
    async handle({ text }) {
      const message = JSON.parse(text) as BlobTriggerMessage;
      const found = functions.find(({ target }) => functionId(target.name) === message.FunctionId);
      const call = found && (await blobCall(found, message.BlobName, message.ETag));
      if (call) await invoker.invoke(found.target, call);
    },
  });
  return {
    events: createBlobEvents(functions, (...found) => scanner.announce(...found)),
    startScan: () => (interval > 0 ? scanner.start() : async () => Promise.resolve()),
    stop: stopQueue,
  };
}

// A listener asks again soon enough by itself; the client's own patience would only slow down a stop.
const retries = { retryOptions: { maxTries: 2, retryDelayInMs: 100 } };

function visibilityOf(environment: Settings): number {
  return Number(environment["LOCAL_HOST_VISIBILITY_SECONDS"] ?? defaultVisibilitySeconds);
}

function connectionOf({ trigger }: LoadedFunction, environment: Settings): string {
  return storageConnection(option(trigger, "connection") || "AzureWebJobsStorage", environment);
}

/** The connection string under a setting's name, which may leave out `AzureWebJobs`. */
function storageConnection(setting: string, environment: Settings): string {
  const found = environment[setting] ?? environment[`AzureWebJobs${setting}`];
  if (found) return found;
  const message = `A function is triggered by storage, and the setting ${setting} with its connection string is missing.`;
  throw Object.assign(new Error(message), { name: "ConfigurationError" });
}

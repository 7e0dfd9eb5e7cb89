import type { BlobServiceClient, ContainerClient } from "@azure/storage-blob";
import type { QueueClient } from "@azure/storage-queue";
import type { LoadedFunction } from "../functions.ts";
import type { Log } from "../log.ts";
import type { BlobPath } from "./blob-path.ts";
import { sleep } from "./queue-listener.ts";

/** A blob function and where its blobs are. */
export interface BlobFunction {
  target: LoadedFunction;
  path: BlobPath;
  service: BlobServiceClient;
}

/** The message by which a found blob reaches its function (WJS Blobs/Listeners/BlobTriggerExecutor.cs). */
export interface BlobTriggerMessage {
  Type: "BlobTrigger";
  FunctionId: string;
  BlobType: "BlockBlob";
  ContainerName: string;
  BlobName: string;
  /** In quotes, as in the header. */
  ETag: string;
}

export interface BlobScannerParts {
  functions: readonly BlobFunction[];
  /** Holds the receipts: what was announced once is not announced again, over restarts too. */
  receipts: ContainerClient;
  /** The queue that carries found blobs to their functions, so that retries and poison come for free. */
  queue: QueueClient;
  hostId: string;
  /** Milliseconds between scans. */
  interval: number;
  log: Log;
}

export interface BlobScanner {
  /** Announces one blob version to its function, scan or no scan. */
  announce(found: BlobFunction, blobName: string, etag: string): Promise<void>;
  /** Begins to scan. Returns the function that ends it. */
  start(): () => Promise<void>;
}

/**
 * Looks for new blobs again and again. The receipt is written after the message: a kill in between announces a
 * blob twice, and never not at all.
 */
export function createBlobScanner(parts: BlobScannerParts): BlobScanner {
  const { receipts, queue, hostId, log } = parts;
  /** Per function, the version of each blob that is known to have a receipt. */
  const known = new Map<string, Map<string, string>>(
    parts.functions.map(({ target }) => [target.name, new Map()]),
  );

  const announce: BlobScanner["announce"] = async ({ target, path }, blobName, etag) => {
    const message: BlobTriggerMessage = {
      Type: "BlobTrigger",
      FunctionId: functionId(target.name),
      BlobType: "BlockBlob",
      ContainerName: path.container,
      BlobName: blobName,
      ETag: quoted(etag),
    };
    await queue.sendMessage(Buffer.from(JSON.stringify(message), "utf8").toString("base64"));
  };
  const scan = async (found: BlobFunction): Promise<void> => {
    const { target, path, service } = found;
    const seen = known.get(target.name);
    const container = service.getContainerClient(path.container);
    for await (const { name, properties } of container.listBlobsFlat({ prefix: path.prefix })) {
      if (seen?.get(name) === properties.etag || !path.match(name)) continue;
      const folder = `blobreceipts/${hostId}/${functionId(target.name)}/${quoted(properties.etag)}`;
      const receipt = receipts.getBlockBlobClient(`${folder}/${path.container}/${name}`);
      if (!(await receipt.exists())) {
        await announce(found, name, properties.etag);
        await receipt.upload("", 0);
      }
      seen?.set(name, properties.etag);
    }
  };
  const loop = async (stopping: AbortSignal): Promise<void> => {
    while (!stopping.aborted) {
      for (const found of parts.functions) {
        await scan(found).catch((error: unknown) => {
          // A container that is not there yet is an empty one.
          if ((error as { statusCode?: number }).statusCode === 404) return;
          log("warning", "Host.Blobs", `Scanning '${found.path.container}': ${String(error)}`);
        });
      }
      await sleep(parts.interval, stopping);
    }
  };
  return {
    announce,
    start() {
      const stopping = new AbortController();
      const scanning = loop(stopping.signal);
      return async () => {
        stopping.abort();
        await scanning;
      };
    },
  };
}

/** The name the host gives a function in messages, receipts and webhook addresses. */
export function functionId(name: string): string {
  return `Host.Functions.${name}`;
}

/** An ETag as the header has it; listings leave the quotes out. */
export function quoted(etag: string): string {
  return etag.startsWith('"') ? etag : `"${etag}"`;
}

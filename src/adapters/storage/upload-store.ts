import { randomUUID } from "node:crypto";
import type { BlobClient, BlobServiceClient, BlockBlobClient } from "@azure/storage-blob";
import { AppError } from "../../domain/app-error.ts";
import type { UploadSource, UploadStore } from "../../ports/inputs.ts";
import { ensuredContainer } from "./ensured-container.ts";
import { exists, type MakeLink } from "./image-store.ts";
import { hasStatus, ignoreNotFound, surelyRead } from "./tables.ts";

const blockBytes = 4 * 1024 * 1024;
const ifAbsent = { conditions: { ifNoneMatch: "*" } };
const removedAtOnce = 16;

/**
 * Inputs of edits in Blob Storage. A blob of `uploads` is written once, and without a type: it is application/octet-stream
 * by default, which no browser shows. Blobs of the inbox belong to others.
 */
export function blobUploadStore(service: BlobServiceClient, makeTicket: MakeLink): UploadStore {
  const containers = {
    uploads: container("uploads"),
    "edit-inbox": container("edit-inbox"),
    "generate-inbox": container("generate-inbox"),
  };
  const uploads = containers.uploads;

  function container(name: UploadSource["container"]) {
    const client = service.getContainerClient(name);
    return { client, ensure: ensuredContainer(client) };
  }

  async function look(source: UploadSource) {
    const { client, ensure } = containers[source.container];
    await ensure();
    const blob = client.getBlobClient(source.blob);
    const conditions = source.etag === undefined ? {} : { ifMatch: quoted(source.etag) };
    try {
      const found = await surelyRead(() => blob.getProperties({ conditions }));
      if (!found) return undefined;
      const { etag = "", ...properties } = found;
      return { blob, etag: bare(etag), properties };
    } catch (error) {
      if (isOtherVersion(error)) return undefined;
      throw error;
    }
  }

  async function remove(blob: string): Promise<void> {
    // A ticket is enough to make a snapshot, and a blob that has one is removed with it or not at all.
    await ignoreNotFound(uploads.client.getBlobClient(blob).delete({ deleteSnapshots: "include" }));
  }

  return {
    async write(name, bytes) {
      const blob = uploads.client.getBlockBlobClient(name);
      try {
        return await writeBlocks(blob, bytes, uploads.ensure);
      } catch (error) {
        if (exists(error)) return false;
        throw error;
      }
    },
    async find(source) {
      const found = await look(source);
      if (!found) return undefined;
      const { lastModified = new Date(0), contentLength = 0, metadata = {} } = found.properties;
      return { etag: found.etag, modifiedAt: lastModified, bytes: contentLength, metadata };
    },
    async open(source) {
      const found = await look(source);
      return found && readVersion(found.blob, found.etag);
    },
    remove,
    async removeAll(prefix) {
      await uploads.ensure();
      const pages = uploads.client.listBlobsFlat({ prefix }).byPage({ maxPageSize: removedAtOnce });
      for await (const { segment } of pages) {
        await Promise.all(segment.blobItems.map((blob) => remove(blob.name)));
      }
    },
    async ticket(name) {
      await uploads.ensure();
      return makeTicket(uploads.client, name);
    },
  };
}

/**
 * The client's own `uploadStream` is passed over: it goes on sending blocks after the source has failed, waits for ever
 * for a source that failed before it listened, and leaves a source unread and unreleased when it gives up. Here every
 * request is made inside `for await`, which lets go of the source however the loop ends. What was sent before a failure
 * is never committed, and the service forgets it.
 */
async function writeBlocks(
  blob: BlockBlobClient,
  bytes: AsyncIterable<Uint8Array>,
  ensureContainer: () => Promise<void>,
): Promise<boolean> {
  // Blocks of two writers of one blob must never mix: each has names of its own.
  const writer = randomUUID();
  const ids: string[] = [];
  for await (const block of blocksOf(bytes)) {
    if (ids.length === 0) {
      await ensureContainer();
      if (block.byteLength < blockBytes) {
        await blob.upload(block, block.byteLength, ifAbsent);
        return true;
      }
      // Looked up only to spare the rest of the bytes: the condition of the last request is what decides.
      if (await blob.exists()) return false;
    }
    const id = Buffer.from(`${writer}-${String(ids.length).padStart(6, "0")}`).toString("base64");
    await blob.stageBlock(id, block, block.byteLength);
    ids.push(id);
  }
  await blob.commitBlockList(ids, ifAbsent);
  return true;
}

/** Gathers bytes into blocks, at least one. All of them share one buffer: each is good until the next is asked for. */
async function* blocksOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const block = Buffer.allocUnsafe(blockBytes);
  let filled = 0;
  let yielded = false;
  for await (const chunk of bytes) {
    for (let taken = 0; taken < chunk.byteLength;) {
      const part = chunk.subarray(taken, taken + blockBytes - filled);
      block.set(part, filled);
      filled += part.byteLength;
      taken += part.byteLength;
      if (filled === blockBytes) {
        yield block;
        yielded = true;
        filled = 0;
      }
    }
  }
  if (filled > 0 || !yielded) yield block.subarray(0, filled);
}

/** Asks for the bytes when the first is wanted, so that one who never reads holds no connection. */
async function* readVersion(blob: BlobClient, etag: string): AsyncGenerator<Uint8Array> {
  try {
    const conditions = { ifMatch: quoted(etag) };
    const { readableStreamBody } = await blob.download(0, undefined, { conditions });
    yield* (readableStreamBody ?? []) as AsyncIterable<Uint8Array>;
  } catch (error) {
    if (isOtherVersion(error)) {
      throw new AppError("conflict", "was overwritten while it was read.", { cause: error });
    }
    // The client tells a cut connection as if somebody had called the reading off, and nobody did.
    if (error instanceof Error && error.name === "AbortError") {
      throw new AppError("internal", "the connection broke while an upload was read", { cause: error });
    }
    throw error;
  }
}

/** Gone, replaced, or never there, be it the blob or its container. */
function isOtherVersion(error: unknown): boolean {
  return hasStatus(error, 404) || hasStatus(error, 412);
}

/** Replies to requests quote an ETag, events about blobs don't. It is kept bare, so that both tell the same version. */
function bare(etag: string): string {
  return etag.replace(/^"|"$/g, "");
}

function quoted(etag: string): string {
  return `"${bare(etag)}"`;
}

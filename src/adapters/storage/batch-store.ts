import type { BlobServiceClient } from "@azure/storage-blob";
import { gather } from "../../async/gather.ts";
import { tagOfId } from "../../domain/job-id.ts";
import type { BatchRecord, BatchRequest, BatchStore, NamedBatch } from "../../ports/batches.ts";
import { toAsciiJson } from "./ascii-json.ts";
import { ensuredContainer } from "./ensured-container.ts";
import { exists } from "./image-store.ts";
import { ignoreNotFound, requireEtag } from "./tables.ts";

/**
 * Batches in the container `batches`: `{caller's tag}/{id}` is the record, `requests/{id}` what its lines ask for, `open/{id}` is there
 * until it has finished, and `names/{name}` holds the id of what was asked for under an idempotency key. Caller's tags have twelve
 * characters, and so are none of these words.
 */
export function blobBatchStore(service: BlobServiceClient): BatchStore {
  const container = service.getContainerClient("batches");
  const ensureContainer = ensuredContainer(container);
  const recordName = (id: string) => `${tagOfId("batch", id) ?? "none"}/${id}`;
  const openPrefix = "open/";

  /** Undefined when the condition doesn't hold. */
  async function write(
    name: string,
    content: string,
    conditions: { ifMatch?: string; ifNoneMatch?: string } = {},
  ): Promise<string | undefined> {
    try {
      const blobHTTPHeaders = { blobContentType: "application/json" };
      const written = container
        .getBlockBlobClient(name)
        .upload(content, content.length, { conditions, blobHTTPHeaders });
      return requireEtag(await written);
    } catch (error) {
      if (exists(error)) return undefined;
      throw error;
    }
  }

  async function readText(name: string): Promise<{ text: string; etag: string } | undefined> {
    const found = await ignoreNotFound(container.getBlobClient(name).download());
    if (!found) return undefined;
    const read = await gather((found.readableStreamBody ?? []) as AsyncIterable<Uint8Array>);
    return { text: read.toString("utf8"), etag: requireEtag(found) };
  }

  return {
    async create(batch, requests) {
      await ensureContainer();
      // The record last: a batch that is there is complete, and one that isn't finished is never forgotten.
      await write(`requests/${batch.id}`, toAsciiJson(requests));
      if (batch.finishedAt === undefined) await write(openPrefix + batch.id, "\n");
      return (await write(recordName(batch.id), toAsciiJson(batch), { ifNoneMatch: "*" })) !== undefined;
    },
    async read(id) {
      await ensureContainer();
      const found = await readText(recordName(id));
      return found && { batch: JSON.parse(found.text) as BatchRecord, etag: found.etag };
    },
    async readRequests(id) {
      const found = await readText(`requests/${id}`);
      return found ? (JSON.parse(found.text) as BatchRequest[]) : [];
    },
    async save({ batch, etag }) {
      const written = await write(recordName(batch.id), toAsciiJson(batch), { ifMatch: etag });
      return written === undefined ? undefined : { batch, etag: written };
    },
    async *listOpen() {
      await ensureContainer();
      for await (const { name } of container.listBlobsFlat({ prefix: openPrefix }))
        yield name.slice(openPrefix.length);
    },
    async close(id) {
      await ignoreNotFound(container.getBlobClient(openPrefix + id).delete());
    },
    async list({ callerTag, limit, after }) {
      await ensureContainer();
      const pages = container
        .listBlobsFlat({ prefix: `${callerTag}/` })
        .byPage({ maxPageSize: limit, ...(after !== undefined && { continuationToken: after }) });
      for await (const { segment, continuationToken } of pages) {
        const found = await Promise.all(segment.blobItems.map(async ({ name }) => readText(name)));
        const batches = found.flatMap((one) => (one ? [JSON.parse(one.text) as BatchRecord] : []));
        return { batches, next: continuationToken || undefined };
      }
      return { batches: [] };
    },
    async removeRequests(id) {
      await ignoreNotFound(container.getBlobClient(`requests/${id}`).delete());
    },
    async nameOnce(name, named) {
      await ensureContainer();
      const blob = `names/${name}`;
      if ((await write(blob, toAsciiJson(named), { ifNoneMatch: "*" })) !== undefined) return named;
      const found = await readText(blob);
      return found ? (JSON.parse(found.text) as NamedBatch) : named;
    },
  };
}

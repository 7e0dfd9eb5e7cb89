import type { BlobServiceClient } from "@azure/storage-blob";
import { AppError } from "../../domain/app-error.ts";
import type { BlobContainerCleaner } from "../../ports/retention.ts";
import { ensuredContainer } from "./ensured-container.ts";
import { maxRounds, ignoreNotFound } from "./tables.ts";

const removedAtOnce = 16;
const defaultPageSize = 1_000;

/** One container as the one who tidies it sees it: names and ages, in pages; what is inside is nobody's business here. */
export function blobContainerCleaner(
  service: BlobServiceClient,
  containerName: "images" | "uploads" | "edit-results" | "generate-results" | "batches",
  pageSize = defaultPageSize,
): BlobContainerCleaner {
  const container = service.getContainerClient(containerName);
  const ensureContainer = ensuredContainer(container);

  /** One that can't be removed now doesn't keep the others, unless nothing can be: then storage is away. */
  async function remove(names: readonly string[]): Promise<void> {
    let failures: unknown[] = [];
    for (let at = 0; at < names.length; at += removedAtOnce) {
      const some = names.slice(at, at + removedAtOnce).map((name) => container.getBlobClient(name));
      // A blob that has a snapshot is removed with it or not at all.
      const removals = some.map((blob) => ignoreNotFound(blob.delete({ deleteSnapshots: "include" })));
      const failed = (await Promise.allSettled(removals)).filter((one) => one.status === "rejected");
      failures = [...failures, ...failed.map(({ reason }): unknown => reason)];
      if (failed.length === some.length) break;
    }
    if (failures.length > 0) throw failures[0];
  }

  return {
    async *pages(from) {
      await ensureContainer();
      const settings = { maxPageSize: pageSize, ...(from !== undefined && { continuationToken: from }) };
      for await (const { segment, continuationToken } of container.listBlobsFlat().byPage(settings)) {
        const blobs = segment.blobItems.map(({ name, properties }) => ({
          name,
          modifiedAt: properties.lastModified,
          bytes: properties.contentLength ?? 0,
        }));
        yield { blobs, ...(continuationToken ? { next: continuationToken } : {}) };
      }
    },
    async has(name) {
      return container.getBlobClient(name).exists();
    },
    remove,
    async removeAll(prefix) {
      await ensureContainer();
      // Until nothing is found: a blob whose removal was answered with a stray 404 is still there.
      for (let round = 0; round < maxRounds; round += 1) {
        let found = 0;
        for await (const { segment } of container
          .listBlobsFlat({ prefix })
          .byPage({ maxPageSize: pageSize })) {
          found += segment.blobItems.length;
          await remove(segment.blobItems.map(({ name }) => name));
        }
        if (found === 0) return;
      }
      throw new AppError("internal", "blobs kept appearing while they were removed");
    },
  };
}

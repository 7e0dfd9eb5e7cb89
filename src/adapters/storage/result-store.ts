import type { BlobServiceClient } from "@azure/storage-blob";
import { AppError } from "../../domain/app-error.ts";
import type { ResultStore } from "../../ports/inputs.ts";
import { toAsciiJson } from "./ascii-json.ts";
import { ensuredContainer } from "./ensured-container.ts";
import { exists } from "./image-store.ts";
import { maxRounds, ignoreNotFound } from "./tables.ts";

/** Results beside an inbox, one file for each thing that was dropped; the one of its newest version stands. */
export function blobResultStore(
  service: BlobServiceClient,
  name: "edit-results" | "generate-results",
): ResultStore {
  const container = service.getContainerClient(name);
  const ensureContainer = ensuredContainer(container);

  return {
    async publish(name, version, result) {
      await ensureContainer();
      const blob = container.getBlockBlobClient(name);
      const text = toAsciiJson(result, 2);
      for (let round = 0; round < maxRounds; round += 1) {
        const current = await ignoreNotFound(blob.getProperties());
        if (Date.parse(current?.metadata?.["version"] ?? "") > version.getTime()) return;
        try {
          await blob.upload(text, text.length, {
            conditions: current?.etag === undefined ? { ifNoneMatch: "*" } : { ifMatch: current.etag },
            blobHTTPHeaders: { blobContentType: "application/json" },
            metadata: { version: version.toISOString() },
          });
          return;
        } catch (error) {
          // Somebody else published in between: look again.
          if (!exists(error)) throw error;
        }
      }
      throw new AppError("internal", "a result kept changing while it was written");
    },
  };
}

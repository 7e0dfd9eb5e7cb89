import type { BlobServiceClient } from "@azure/storage-blob";
import { AppError } from "../../domain/app-error.ts";
import type { EditResultStore } from "../../ports/inputs.ts";
import { ensuredContainer } from "./ensured-container.ts";
import { exists } from "./image-store.ts";
import { maxRounds, ignoreNotFound } from "./tables.ts";

/** Results of edits in Blob Storage, one file for each thing that was dropped; the one of its newest version stands. */
export function blobEditResultStore(service: BlobServiceClient): EditResultStore {
  const container = service.getContainerClient("edit-results");
  const ensureContainer = ensuredContainer(container);

  return {
    async publish(name, version, result) {
      await ensureContainer();
      const blob = container.getBlockBlobClient(name);
      const text = toAsciiJson(result);
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

/** ASCII alone: no reader can take it in the wrong encoding, and the emulator damages anything else above 64 KB. */
function toAsciiJson(value: object): string {
  const text = JSON.stringify(value, undefined, 2);
  return `${text.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)}\n`;
}

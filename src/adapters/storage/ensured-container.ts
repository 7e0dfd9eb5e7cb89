import type { ContainerClient } from "@azure/storage-blob";
import { memoizeSuccess } from "../../async/memoize-success.ts";
import { hasStatus } from "./tables.ts";

/** Makes the container if it isn't there, when first asked. An identity that may not works with what it finds. */
export function ensuredContainer(container: ContainerClient): () => Promise<void> {
  return memoizeSuccess(async () => {
    try {
      await container.createIfNotExists();
    } catch (error) {
      if (!hasStatus(error, 403)) throw error;
    }
  });
}

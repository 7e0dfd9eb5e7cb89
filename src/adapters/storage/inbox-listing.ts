import type { BlobItem, BlobServiceClient } from "@azure/storage-blob";
import type { Inbox, InboxFile, InboxListing } from "../../ports/inputs.ts";
import { ensuredContainer } from "./ensured-container.ts";

// What the service gives in one answer.
const defaultPageSize = 5_000;

/** Names, versions and metadata of an inbox's files. What is uploaded in blocks is listed once its blocks are committed. */
export function blobInboxListing(
  service: BlobServiceClient,
  inbox: Inbox,
  pageSize = defaultPageSize,
): InboxListing {
  const container = service.getContainerClient(inbox);
  const ensureContainer = ensuredContainer(container);

  return {
    async *pages() {
      await ensureContainer();
      const found = container.listBlobsFlat({ includeMetadata: true, includeCopy: true });
      for await (const { segment } of found.byPage({ maxPageSize: pageSize }))
        yield segment.blobItems.filter(isWhole).map(toFile);
    },
  };
}

/** A copy from elsewhere stands there from its beginning, empty, and is another version when it has ended. */
function isWhole({ properties }: BlobItem): boolean {
  return (properties.copyStatus ?? "success") === "success";
}

/** As a look at the file itself tells it: the ETag without quotes, names of metadata in lower case. */
function toFile({ name, properties, metadata = {} }: BlobItem): InboxFile {
  const { etag, lastModified, contentLength = 0 } = properties;
  const entries = Object.entries(metadata).map(([key, value]) => [key.toLowerCase(), value]);
  return {
    blob: name,
    etag: etag.replace(/^"|"$/g, ""),
    modifiedAt: lastModified,
    bytes: contentLength,
    metadata: Object.fromEntries(entries) as Record<string, string>,
  };
}

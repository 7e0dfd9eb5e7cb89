import type { TriggerCall } from "../invoker.ts";
import { option } from "../functions.ts";
import { quoted } from "./blob-scanner.ts";
import type { BlobFunction } from "./blob-scanner.ts";

/**
 * The call for one version of a blob; undefined when that version is gone, which is no failure: anyone who replaced
 * it announced the new one (WJS Blobs/Listeners/BlobQueueTriggerExecutor.cs, Triggers/BlobTriggerBinding.cs).
 */
export async function blobCall(
  found: BlobFunction,
  blobName: string,
  etag: string,
): Promise<TriggerCall | undefined> {
  const { target, path, service } = found;
  const captured = path.match(blobName);
  if (!captured) return undefined;
  const blob = service.getContainerClient(path.container).getBlockBlobClient(blobName);
  const properties = await blob.getProperties().catch((error: unknown) => {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined;
    throw error;
  });
  if (properties?.etag === undefined || quoted(properties.etag) !== quoted(etag)) return undefined;
  const bytes = await blob.downloadToBuffer();
  const blobPath = `${path.container}/${blobName}`;
  const asText = option(target.trigger, "dataType")?.toLowerCase() === "string";
  const shownProperties = {
    ContentLength: properties.contentLength,
    ContentType: properties.contentType,
    ETag: properties.etag,
    LastModified: properties.lastModified?.toISOString(),
    CreatedOn: properties.createdOn?.toISOString(),
  };
  return {
    data: asText ? { string: bytes.toString("utf8") } : { bytes },
    reason: `New blob detected(LogsAndContainerScan): ${blobPath}`,
    metadata: {
      ...Object.fromEntries(Object.entries(captured).map(([name, value]) => [name, { string: value }])),
      BlobTrigger: { string: blobPath },
      Uri: { string: blob.url.split("?")[0] ?? "" },
      Properties: { json: JSON.stringify(shownProperties) },
      Metadata: { json: JSON.stringify(properties.metadata ?? {}) },
    },
  };
}

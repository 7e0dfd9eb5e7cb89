import { isRestError } from "@azure/core-rest-pipeline";
import type { BlobClient, BlobServiceClient, ContainerClient } from "@azure/storage-blob";
import { AppError } from "../../domain/app-error.ts";
import { provenanceMarks } from "../../domain/provenance.ts";
import { withoutAbsent } from "../../domain/without-absent.ts";
import { ensuredContainer } from "./ensured-container.ts";
import { hasStatus } from "./tables.ts";
import type { BlobFacts, ImageStore, Link, TextCipher } from "../../ports/images.ts";
import type { StoredImage } from "../../ports/records.ts";

/** A link to one blob; good for the given time, or for the usual one. */
export type MakeLink = (container: ContainerClient, name: string, hours?: number) => Promise<Link>;

// For 64 MB over a slow line; an attempt that takes longer is made again.
const putTimeoutMs = 120_000;
const askTimeoutMs = 15_000;
const checkedForMs = 5_000;

/** Images in Blob Storage. A blob is written once and never changed, so caches may keep it for good. */
export function blobImageStore(
  service: BlobServiceClient,
  makeLink: MakeLink,
  cipher: TextCipher,
): ImageStore {
  const container = service.getContainerClient("images");
  const ensureContainer = ensuredContainer(container);
  let answeredAt = -Infinity;

  return {
    async put(name, bytes, facts, signal) {
      await ensureContainer();
      const timeout = AbortSignal.timeout(putTimeoutMs);
      const blob = container.getBlockBlobClient(name);
      try {
        await blob.upload(bytes, bytes.byteLength, {
          abortSignal: signal ? AbortSignal.any([signal, timeout]) : timeout,
          conditions: { ifNoneMatch: "*" },
          blobHTTPHeaders: {
            blobContentType: facts.contentType,
            blobCacheControl: "private, max-age=31536000, immutable",
          },
          metadata: toMetadata(name, facts, cipher),
        });
        answeredAt = performance.now();
        return true;
      } catch (error) {
        // A refusal is believed only when the blob stands: anyone who believes it lets go of the bytes.
        if (exists(error) && (await blob.exists({ abortSignal: AbortSignal.timeout(askTimeoutMs) })))
          return false;
        throw error;
      }
    },
    async read(name, part) {
      const blob = container.getBlobClient(name);
      try {
        return await (part ? blob.downloadToBuffer(part.first, part.last - part.first + 1) : readWhole(blob));
      } catch (error) {
        if (!hasStatus(error, 404)) throw error;
        throw new AppError("expired", "This image is gone.", { cause: error });
      }
    },
    async remove(name) {
      await container.getBlobClient(name).deleteIfExists();
    },
    async list(jobId) {
      await ensureContainer();
      const images: StoredImage[] = [];
      const abortSignal = AbortSignal.timeout(askTimeoutMs);
      const query = { prefix: `${jobId}/`, includeMetadata: true, abortSignal };
      for await (const blob of container.listBlobsFlat(query)) {
        const image = fromMetadata(blob.name, blob.properties.contentType, blob.metadata, cipher);
        if (image) images.push(image);
      }
      return images;
    },
    async link(name, hours) {
      return makeLink(container, name, hours);
    },
    async ping() {
      await container.exists();
    },
    async check() {
      if (performance.now() - answeredAt < checkedForMs) return;
      await ensureContainer();
      await container.getProperties({ abortSignal: AbortSignal.timeout(askTimeoutMs) });
      answeredAt = performance.now();
    },
  };
}

/** In one request: `downloadToBuffer` asks for the length first. */
async function readWhole(blob: BlobClient): Promise<Uint8Array> {
  const { contentLength = 0, readableStreamBody = [] } = await blob.download();
  const bytes = Buffer.allocUnsafe(contentLength);
  let filled = 0;
  for await (const piece of readableStreamBody as AsyncIterable<Buffer>) filled += piece.copy(bytes, filled);
  if (filled < contentLength) throw new Error(`An image broke off after ${filled} bytes.`);
  return bytes;
}

/**
 * Metadata travels in headers: ASCII only, 8 KB in all; a longer revised prompt is left to the table alone. Anyone who has a link
 * to the image reads its metadata, too, so that the prompt is encrypted.
 */
function toMetadata(blob: string, { image }: BlobFacts, cipher: TextCipher): Record<string, string> {
  if (!image) return {};
  const { revisedPrompt = "", provenance } = image;
  const revised = revisedPrompt === "" ? "" : cipher.encrypt(revisedPrompt, blob);
  return {
    slot: String(image.index),
    width: String(image.width),
    height: String(image.height),
    bytes: String(image.bytes),
    sha256: image.sha256,
    ...(provenance && { provenance }),
    ...(revised !== "" && revised.length <= 6_000 && { sealedprompt: revised }),
  };
}

function fromMetadata(
  blob: string,
  contentType: string | undefined,
  metadata: Record<string, string> | undefined,
  cipher: TextCipher,
): StoredImage | undefined {
  if (metadata?.["slot"] === undefined || contentType === undefined) return undefined;
  const revised = metadata["sealedprompt"];
  return withoutAbsent({
    index: Number(metadata["slot"]),
    blob,
    contentType,
    width: Number(metadata["width"]),
    height: Number(metadata["height"]),
    bytes: Number(metadata["bytes"]),
    sha256: metadata["sha256"] ?? "",
    provenance: provenanceMarks.find((mark) => mark === metadata["provenance"]),
    revisedPrompt: revised === undefined ? undefined : cipher.decrypt(revised, blob),
  });
}

/** Other conflicts, such as a container that is being deleted, leave no blob behind and are faults. */
export function exists(error: unknown): boolean {
  return isRestError(error) && (error.statusCode === 412 || error.code === "BlobAlreadyExists");
}

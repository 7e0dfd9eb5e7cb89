import { createWriteStream, openAsBlob } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { AppError } from "../../domain/app-error.ts";
import { extensionOf, type ImageKind, mediaTypes } from "../../domain/image-format/media-type.ts";
import { makeTempFolder, removeStaleTempFolders } from "../node/temp-folders.ts";
import type { InputFiles, UploadStore } from "../../ports/inputs.ts";
import type { StoredInput } from "../../ports/records.ts";

type Uploads = Pick<UploadStore, "open">;

/** What the names of folders begin with in which inputs lie. */
export const inputFolderPrefix = "darkroom-inputs-";
const downloadsAtOnce = 4;

/** Inputs in a folder of their own, which the system makes for this user alone, until they are released. */
export function tempInputFiles(uploads: Uploads, directory = tmpdir()): InputFiles {
  let cleaned: Promise<void> | undefined;
  return {
    async borrow({ images, mask }) {
      await (cleaned ??= removeStaleTempFolders(directory, [inputFolderPrefix]));
      const folder = await makeTempFolder(directory, inputFolderPrefix);
      const release = () => rm(folder, { recursive: true, force: true });
      const inputs = [
        ...images.map((input, index) => ({ input, stem: `image-${index}` })),
        ...(mask ? [{ input: mask, stem: "mask" }] : []),
      ];
      try {
        const files = await downloadAll(inputs, ({ input, stem }, signal) =>
          download(uploads, input, { folder, stem, signal }),
        );
        const maskFile = files[images.length];
        return { images: files.slice(0, images.length), ...(maskFile && { mask: maskFile }), release };
      } catch (error) {
        await release();
        throw error;
      }
    },
  };
}

/** In order, a few at once. After a failure none goes on: the folder is about to be removed. */
async function downloadAll<I>(
  inputs: readonly I[],
  one: (input: I, signal: AbortSignal) => Promise<File>,
): Promise<File[]> {
  const files: File[] = [];
  const stop = new AbortController();
  const queue = inputs.entries();
  const worker = async () => {
    for (const [index, input] of queue) {
      files[index] = await one(input, stop.signal);
    }
  };
  const workers = Array.from({ length: downloadsAtOnce }, worker);
  try {
    await Promise.all(workers);
    return files;
  } catch (error) {
    stop.abort();
    await Promise.allSettled(workers);
    throw error;
  }
}

async function download(
  uploads: Uploads,
  { blob, contentType, bytes }: StoredInput,
  { folder, stem, signal }: { folder: string; stem: string; signal: AbortSignal },
): Promise<File> {
  const body = await uploads.open({ container: "uploads", blob });
  if (!body) throw new AppError("expired", "An input image or mask is no longer stored.");
  const name = `${stem}.${extensionFor(contentType)}`;
  const path = join(folder, name);
  await pipeline(exactly(bytes, body), createWriteStream(path, { flags: "wx" }), { signal });
  // A blob of a file reads it piece by piece while it is sent; so does the File around it.
  return new File([await openAsBlob(path)], name, { type: contentType });
}

/** The bytes, if they are as many as were recorded: half an image, sent, would be paid for. */
async function* exactly(wanted: number, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let seen = 0;
  for await (const chunk of bytes) {
    seen += chunk.byteLength;
    if (seen > wanted) break;
    yield chunk;
  }
  if (seen !== wanted) throw new AppError("internal", "An input came with another length than was recorded.");
}

function extensionFor(contentType: string): string {
  const kinds = Object.keys(mediaTypes) as ImageKind[];
  const kind = kinds.find((candidate) => mediaTypes[candidate] === contentType);
  return kind === undefined ? "bin" : extensionOf(kind);
}

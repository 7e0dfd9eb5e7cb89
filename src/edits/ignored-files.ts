import type { InboxFile } from "../ports/inputs.ts";
import { asksForAnEdit, isSidecar } from "./inbox.ts";

// As long as a sidecar waits for its images: by then one that belongs to an image is there as well.
const graceMs = 10 * 60_000;

/** Files of the inbox that ask for nothing, and that no sidecar in their folder can name: nobody will ever look at them. */
export function ignoredFiles(files: readonly InboxFile[], now: number): InboxFile[] {
  const folders = new Set(files.filter(({ blob }) => isSidecar(blob)).map(({ blob }) => folderOf(blob)));
  return files.filter(
    (file) =>
      now - file.modifiedAt.getTime() >= graceMs &&
      !asksForAnEdit(file.blob, file) &&
      !folders.has(folderOf(file.blob)),
  );
}

const folderOf = (blob: string): string => blob.slice(0, blob.lastIndexOf("/") + 1);

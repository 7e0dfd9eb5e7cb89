import { tmpdir } from "node:os";
import { makeTempFolder, removeStaleTempFolders } from "../../node/temp-folders.ts";

/** What the folders' names begin with, by which those of killed processes are found. */
export const receivedFolderPrefix = "darkroom-received-";

/** Makes a folder for one picture, for this user alone; what killed processes left behind is removed before the first. */
export function receivedFolders(directory = tmpdir()): () => Promise<string> {
  let cleaned: Promise<void> | undefined;
  return async () => {
    await (cleaned ??= removeStaleTempFolders(directory, [receivedFolderPrefix]));
    return makeTempFolder(directory, receivedFolderPrefix);
  };
}

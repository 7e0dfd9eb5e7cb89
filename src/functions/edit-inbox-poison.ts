import type { StorageQueueHandler } from "@azure/functions";
import * as z from "zod";
import { draftFromPoison } from "../edits/inbox.ts";
import { acceptOnce, inboxContainer, type InboxDependencies } from "./edit-inbox-created.ts";

/** Where the host puts blobs whose handling failed five times; all blob triggers of the account share it. */
export const poisonQueue = "webjobs-blobtrigger-poison";

const poisonMessage = z.looseObject({ ContainerName: z.string(), BlobName: z.string() });

/** Ends what could not be handled as a failed job with a result of its own, so that its producer isn't left waiting. */
export const editInboxPoison =
  (deps: InboxDependencies): StorageQueueHandler =>
  async (message, context) => {
    const { success, data } = poisonMessage.safeParse(message);
    if (!success || data.ContainerName !== inboxContainer) {
      context.warn(`a poison message that is not of ${inboxContainer} was dropped`);
      return;
    }
    const job = await draftFromPoison(deps, data.BlobName);
    if (job) await acceptOnce(deps, job, context);
  };

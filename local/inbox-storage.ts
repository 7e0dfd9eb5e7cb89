/**
 * Makes what the inboxes need before anything is dropped: the containers of results, so that anyone may look there for
 * one from the start, and the queue of blobs that were given up, which the app listens to. The host makes it with the first such blob, and until
 * then each look at it is a warning and a failed span. In Azure infra/modules/storage.bicep makes it, and here where no
 * connection string is given.
 */
export async function makeInboxStorage(connectionString: string | undefined): Promise<void> {
  if (connectionString === undefined) return;
  // Takes a while to load, and only this needs it.
  const [{ QueueServiceClient }, { BlobServiceClient }] = await Promise.all([
    import("@azure/storage-queue"),
    import("@azure/storage-blob"),
  ]);
  let queues;
  let blobs;
  try {
    queues = QueueServiceClient.fromConnectionString(connectionString);
    blobs = BlobServiceClient.fromConnectionString(connectionString);
  } catch {
    // What is malformed is named by the app, with the other settings that are.
    return;
  }
  await Promise.all([
    queues.getQueueClient("webjobs-blobtrigger-poison").createIfNotExists(),
    ...["edit-results", "generate-inbox", "generate-results"].map((name) =>
      blobs.getContainerClient(name).createIfNotExists(),
    ),
  ]);
}

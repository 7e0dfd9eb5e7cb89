/**
 * Makes the queue of blobs that were given up, which the app listens to. The host makes it with the first such blob, and until
 * then each look at it is a warning and a failed span. In Azure infra/modules/storage.bicep makes it, and here where no
 * connection string is given.
 */
export async function makePoisonQueue(connectionString: string | undefined): Promise<void> {
  if (connectionString === undefined) return;
  // Takes a while to load, and only this needs it.
  const { QueueServiceClient } = await import("@azure/storage-queue");
  let service;
  try {
    service = QueueServiceClient.fromConnectionString(connectionString);
  } catch {
    // What is malformed is named by the app, with the other settings that are.
    return;
  }
  await service.getQueueClient("webjobs-blobtrigger-poison").createIfNotExists();
}

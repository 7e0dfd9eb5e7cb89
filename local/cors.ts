/**
 * Lets pages of these origins read and fill links, as infra/modules/storage.bicep does in Azure. The emulator's account alone is
 * set up: anyone who brings an account of theirs has rules of their own there.
 */
export async function allowOrigins(connectionString: string | undefined, origins: string): Promise<void> {
  const isEmulator = /BlobEndpoint=http:\/\/127\.0\.0\.1[:/]/.test(connectionString ?? "");
  if (connectionString === undefined || !isEmulator) return;
  // Takes a while to load, and only this needs it.
  const { BlobServiceClient } = await import("@azure/storage-blob");
  const allowedOrigins = origins
    .split(",")
    .map((origin) => origin.trim().replace(/\/$/, ""))
    .join(",");
  await BlobServiceClient.fromConnectionString(connectionString).setProperties({
    cors:
      allowedOrigins === ""
        ? []
        : [
            {
              allowedOrigins,
              allowedMethods: "GET,HEAD,PUT",
              allowedHeaders: "*",
              exposedHeaders: "*",
              maxAgeInSeconds: 3_600,
            },
          ],
  });
}

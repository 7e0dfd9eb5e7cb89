import type { TokenCredential } from "@azure/identity";
import { TableClient, TableServiceClient } from "@azure/data-tables";
import { BlobServiceClient } from "@azure/storage-blob";
import { makeTables, type Tables } from "./tables.ts";

export type StorageSettings =
  { connectionString: string } | { blobServiceUri: string; tableServiceUri: string };

/** Clients for blobs and tables, by connection string (the emulator) or by identity. */
export function storageClients(
  settings: StorageSettings,
  credential: () => TokenCredential,
): { blobs: BlobServiceClient; tables: Tables } {
  if ("connectionString" in settings) {
    const { connectionString } = settings;
    const options = { allowInsecureConnection: isLoopback(connectionString) };
    return {
      blobs: BlobServiceClient.fromConnectionString(connectionString),
      tables: makeTables(TableServiceClient.fromConnectionString(connectionString, options), (name) =>
        TableClient.fromConnectionString(connectionString, name, options),
      ),
    };
  }
  const { blobServiceUri, tableServiceUri } = settings;
  const identity = credential();
  return {
    blobs: new BlobServiceClient(blobServiceUri, identity),
    tables: makeTables(
      new TableServiceClient(tableServiceUri, identity),
      (name) => new TableClient(tableServiceUri, name, identity),
    ),
  };
}

/** Plain http is for the emulator on this machine and nowhere else. */
function isLoopback(connectionString: string): boolean {
  return /UseDevelopmentStorage=true|https?:\/\/(127\.0\.0\.1|localhost)[:/]/i.test(connectionString);
}

import {
  AccountSASPermissions,
  AccountSASResourceTypes,
  AccountSASServices,
  BlobServiceClient,
  generateAccountSASQueryParameters,
  type StorageSharedKeyCredential,
} from "@azure/storage-blob";
import { afterAll, beforeAll } from "vitest";
import { type Azurite, startAzurite } from "../../local/azurite.ts";
import { storageClients } from "../../src/storage/storage-clients.ts";

/** A storage emulator of this test file's own, on free ports and in memory. */
export function useAzurite() {
  let azurite: Azurite | undefined;
  beforeAll(async () => {
    azurite = await startAzurite(undefined);
  });
  afterAll(() => azurite?.stop());
  const connectionString = () => {
    if (!azurite) throw new Error("Azurite has not started.");
    return azurite.connectionString;
  };
  return {
    connectionString,
    clients: () =>
      storageClients({ connectionString: connectionString() }, () => {
        throw new Error("No identity is needed for the emulator.");
      }),
  };
}

/** The same account to somebody who may do less with its blobs: both as a shared access signature spells them. */
export function narrowed(
  service: BlobServiceClient,
  { permissions, resourceTypes }: { permissions: string; resourceTypes: string },
): BlobServiceClient {
  const query = generateAccountSASQueryParameters(
    {
      services: AccountSASServices.parse("b").toString(),
      resourceTypes: AccountSASResourceTypes.parse(resourceTypes).toString(),
      permissions: AccountSASPermissions.parse(permissions),
      expiresOn: new Date(Date.now() + 3_600_000),
      version: "2025-05-05",
    },
    service.credential as StorageSharedKeyCredential,
  );
  return new BlobServiceClient(`${service.url}?${query.toString()}`);
}

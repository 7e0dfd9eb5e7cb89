import {
  AccountSASPermissions,
  AccountSASResourceTypes,
  AccountSASServices,
  BlobServiceClient,
  generateAccountSASQueryParameters,
  type StorageSharedKeyCredential,
} from "@azure/storage-blob";
import { expect, inject } from "vitest";
import { emulatorAccount } from "../../local/azurite.ts";
import { storageClients } from "../../src/adapters/storage/storage-clients.ts";
import { accountOf } from "./shared-azurite.ts";

/** An account of this test file's own on the emulator that its tier shares. */
export function useAzurite() {
  const connectionString = () => ownAccount();
  return {
    connectionString,
    clients: () =>
      storageClients({ connectionString: connectionString() }, () => {
        throw new Error("No identity is needed for the emulator.");
      }),
  };
}

/** The connection string of one of this test file's own accounts on that emulator. */
export function ownAccount(index = 0): string {
  const { testPath } = expect.getState();
  if (testPath === undefined) throw new Error("Which account it is depends on the test file.");
  return inject("azurite").replaceAll(emulatorAccount, accountOf(testPath, index));
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

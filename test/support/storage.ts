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

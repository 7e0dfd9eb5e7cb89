import type { TokenCredential } from "@azure/identity";
import { TableClient, type TableServiceClientOptions, TableServiceClient } from "@azure/data-tables";
import { BlobServiceClient, type StoragePipelineOptions } from "@azure/storage-blob";
import { makeTables, type Tables } from "./tables.ts";

export type StorageSettings =
  | { connectionString: string }
  | { blobServiceUri: string; tableServiceUri: string };

/**
 * The clients' own retries cure a hiccup, within about a second. An outage is waited for by the caller, who knows how long
 * it may last: a step of a job is patient for minutes, a request is answered with 503 at once.
 */
const blobOptions: StoragePipelineOptions = {
  retryOptions: { maxTries: 3, retryDelayInMs: 200, maxRetryDelayInMs: 800 },
};
// A table answers within seconds or not at all; the client itself would wait for ever.
const tableTimeoutMs = 15_000;
const tableOptions: TableServiceClientOptions = {
  retryOptions: { maxRetries: 2, retryDelayInMs: 200, maxRetryDelayInMs: 800 },
  additionalPolicies: [
    {
      position: "perRetry",
      policy: {
        name: "darkroomTimeout",
        sendRequest: (request, next) => {
          request.timeout = tableTimeoutMs;
          return next(request);
        },
      },
    },
  ],
};

/**
 * What the Table Storage client does with every request and answer, and nobody needs here: spans that nothing listens to, forms, parts,
 * redirections and compression, which the service has none of. It is a tenth of a request's CPU.
 */
const needless = [
  "tracingPolicy",
  "formDataPolicy",
  "multipartPolicy",
  "redirectPolicy",
  "decompressResponsePolicy",
];

function lean(client: TableClient): TableClient {
  for (const name of needless) client.pipeline.removePolicy({ name });
  return client;
}

/** Clients for blobs and tables, by connection string (the emulator) or by identity. */
export function storageClients(
  settings: StorageSettings,
  credential: () => TokenCredential,
): { blobs: BlobServiceClient; tables: Tables } {
  if ("connectionString" in settings) {
    const { connectionString } = settings;
    const options = { ...tableOptions, allowInsecureConnection: isLoopback(connectionString) };
    return {
      blobs: BlobServiceClient.fromConnectionString(connectionString, blobOptions),
      tables: makeTables(TableServiceClient.fromConnectionString(connectionString, options), (name) =>
        lean(TableClient.fromConnectionString(connectionString, name, options)),
      ),
    };
  }
  const { blobServiceUri, tableServiceUri } = settings;
  const identity = credential();
  return {
    blobs: new BlobServiceClient(blobServiceUri, identity, blobOptions),
    tables: makeTables(new TableServiceClient(tableServiceUri, identity, tableOptions), (name) =>
      lean(new TableClient(tableServiceUri, name, identity, tableOptions)),
    ),
  };
}

/** Plain http is for the emulator on this machine and nowhere else. */
function isLoopback(connectionString: string): boolean {
  return /UseDevelopmentStorage=true|https?:\/\/(127\.0\.0\.1|localhost)[:/]/i.test(connectionString);
}

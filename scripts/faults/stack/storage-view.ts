import { createHash } from "node:crypto";
import { odata, TableClient } from "@azure/data-tables";
import { BlobServiceClient } from "@azure/storage-blob";

export interface StoredRow {
  partitionKey: string;
  rowKey: string;
  [column: string]: unknown;
}

/** The storage account past the proxies: what is really there. */
export class StorageView {
  readonly #blobs: BlobServiceClient;
  readonly #connection: string;

  constructor(connectionString: string) {
    this.#connection = connectionString;
    this.#blobs = BlobServiceClient.fromConnectionString(connectionString);
  }

  #table(name: string): TableClient {
    return TableClient.fromConnectionString(this.#connection, name, { allowInsecureConnection: true });
  }

  /** Rows of a table, of one partition or of all. None where there is no such table. */
  async rows(table: string, partition?: string): Promise<StoredRow[]> {
    const filter = partition === undefined ? {} : { filter: odata`PartitionKey eq ${partition}` };
    const rows: StoredRow[] = [];
    try {
      for await (const row of this.#table(table).listEntities({ queryOptions: filter }))
        rows.push({ ...row, partitionKey: row.partitionKey ?? "", rowKey: row.rowKey ?? "" });
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    return rows;
  }

  /** The job's own row. Its partition is its caller's tag, which stands in its id (ARCHITECTURE.md, Storage). */
  async jobRow(jobId: string): Promise<StoredRow | undefined> {
    try {
      const row = await this.#table("jobs").getEntity(jobId.slice(14, 26), jobId);
      return { ...row, partitionKey: row.partitionKey ?? "", rowKey: row.rowKey ?? "" };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async blobs(container: string, prefix = ""): Promise<string[]> {
    const names: string[] = [];
    try {
      for await (const { name } of this.#blobs.getContainerClient(container).listBlobsFlat({ prefix }))
        names.push(name);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    return names;
  }

  async sha256(container: string, blob: string): Promise<string | undefined> {
    try {
      const bytes = await this.#blobs.getContainerClient(container).getBlobClient(blob).downloadToBuffer();
      return createHash("sha256").update(bytes).digest("hex");
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Drops a file, as a producer does. */
  async drop(container: string, name: string, bytes: Buffer): Promise<void> {
    const client = this.#blobs.getContainerClient(container);
    await client.createIfNotExists();
    await client.getBlockBlobClient(name).upload(bytes, bytes.length);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "statusCode" in error && error.statusCode === 404;
}

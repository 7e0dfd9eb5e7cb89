import type { BatchFormat, BatchLine, LineError } from "../domain/batch.ts";
import type { Identity } from "../domain/identity.ts";

/** What is kept of a batch. Times are ISO 8601 in UTC. */
export interface BatchRecord {
  id: string;
  caller: string;
  /** Who asked for it, by the key or token that they sent: its jobs are counted against that. A dropped file has nobody. */
  identity?: Identity | undefined;
  /** The file of `generate-inbox` that it came as. */
  file?: { blob: string; modifiedAt: string } | undefined;
  format: BatchFormat;
  createdAt: string;
  canceledAt?: string;
  finishedAt?: string;
  /** Then it has no lines, and is there no more for anyone but the one who would read its file again. */
  deletedAt?: string;
  /** Why it could not be read as a batch. */
  failure?: LineError | undefined;
  lines: BatchLine[];
}

/** A checked request for images, as its line asks for it. It holds a prompt: it lies apart from the record, and is read to accept it. */
export interface BatchRequest {
  line: number;
  request: Record<string, unknown>;
}

/** The batch of an idempotency key, and a hash of what was asked for under it. */
export interface NamedBatch {
  id: string;
  bodyHash: string;
}

export interface StoredBatch {
  batch: BatchRecord;
  etag: string;
}

/** Batches, each a record that changes and the requests that it began with. */
export interface BatchStore {
  /** False, and nothing changed, when there is a batch of that id. One that has not finished is listed as open from then on. */
  create(batch: BatchRecord, requests: readonly BatchRequest[]): Promise<boolean>;
  read(id: string): Promise<StoredBatch | undefined>;
  readRequests(id: string): Promise<BatchRequest[]>;
  /** Writes over the version that was read. Undefined when another one is there by now. */
  save(stored: StoredBatch): Promise<StoredBatch | undefined>;
  /** Ids of batches that have not finished. */
  listOpen(): AsyncIterable<string>;
  /** Takes a batch off the list of open ones. */
  close(id: string): Promise<void>;
  /** One caller's, newest first; `next` where more follow. */
  list(query: {
    callerTag: string;
    limit: number;
    after?: string | undefined;
  }): Promise<{ batches: BatchRecord[]; next?: string | undefined }>;
  /** Removes what its lines ask for. */
  removeRequests(id: string): Promise<void>;
  /** What was given first under this name: `named` when there was nothing. Of those who ask at once all get the same. */
  nameOnce(name: string, named: NamedBatch): Promise<NamedBatch>;
}

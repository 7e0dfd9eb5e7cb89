import { tagOfId } from "../../src/domain/job-id.ts";
import type {
  BatchRecord,
  BatchRequest,
  BatchStore,
  NamedBatch,
  StoredBatch,
} from "../../src/ports/batches.ts";
import { Outage } from "./fakes.ts";

/** Batches in memory. */
export class MemoryBatchStore implements BatchStore {
  readonly batches = new Map<string, { batch: BatchRecord; version: number }>();
  readonly open = new Set<string>();
  readonly outage = new Outage();
  readonly #requests = new Map<string, readonly BatchRequest[]>();
  readonly #names = new Map<string, NamedBatch>();

  async create(batch: BatchRecord, requests: readonly BatchRequest[]): Promise<boolean> {
    if (this.batches.has(batch.id)) return false;
    this.batches.set(batch.id, { batch: structuredClone(batch), version: 1 });
    this.#requests.set(batch.id, structuredClone(requests));
    if (batch.finishedAt === undefined) this.open.add(batch.id);
    return true;
  }

  async read(id: string): Promise<StoredBatch | undefined> {
    const found = this.batches.get(id);
    return found && { batch: structuredClone(found.batch), etag: String(found.version) };
  }

  async readRequests(id: string): Promise<BatchRequest[]> {
    return structuredClone([...(this.#requests.get(id) ?? [])]);
  }

  async save({ batch, etag }: StoredBatch): Promise<StoredBatch | undefined> {
    this.outage.check("save");
    const found = this.batches.get(batch.id);
    if (!found || String(found.version) !== etag) return undefined;
    const version = found.version + 1;
    this.batches.set(batch.id, { batch: structuredClone(batch), version });
    return { batch, etag: String(version) };
  }

  async *listOpen(): AsyncIterable<string> {
    yield* [...this.open];
  }

  async close(id: string): Promise<void> {
    this.open.delete(id);
  }

  async list({
    callerTag,
    limit,
    after = "",
  }: {
    callerTag: string;
    limit: number;
    after?: string | undefined;
  }) {
    const found = [...this.batches.values()]
      .map(({ batch }) => structuredClone(batch))
      .filter(({ id }) => tagOfId("batch", id) === callerTag && id > after)
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    return { batches: found.slice(0, limit), next: found.length > limit ? found[limit - 1]?.id : undefined };
  }

  async removeRequests(id: string): Promise<void> {
    this.#requests.delete(id);
  }

  async nameOnce(name: string, named: NamedBatch): Promise<NamedBatch> {
    const known = this.#names.get(name) ?? named;
    this.#names.set(name, known);
    return known;
  }
}

import type { ClientResponse } from "../../src/domain/client-response.ts";
import type { ClientResponses, Holding } from "../../src/ports/client-responses.ts";
import type { MemoryIdempotencyStore } from "./fakes.ts";

/** Responses lie among the idempotency records, as in the table. */
export class MemoryClientResponses implements ClientResponses {
  readonly #records: MemoryIdempotencyStore;

  constructor(idempotency: MemoryIdempotencyStore) {
    this.#records = idempotency;
  }

  get all(): ClientResponse[] {
    return [...this.#records.idempotency.values()];
  }

  async list(_tag: string, bodyHash: string, since: Date): Promise<ClientResponse[]> {
    const found = this.all.filter(
      (each) => each.bodyHash === bodyHash && each.recordedAt >= since.toISOString(),
    );
    return structuredClone(found);
  }

  async take(seen: ClientResponse, { holder }: Holding, heldUntil: string): Promise<boolean> {
    const found = this.#find(seen.jobId);
    if (!found || JSON.stringify(found) !== JSON.stringify(seen)) return false;
    delete found.outcome;
    delete found.settledAt;
    Object.assign(found, { holder, heldUntil });
    return true;
  }

  async change({ jobId, holder }: Holding, facts: Partial<ClientResponse>): Promise<void> {
    const found = this.#find(jobId);
    if (found && (found.holder ?? "") === holder) Object.assign(found, facts);
  }

  #find(jobId: string): ClientResponse | undefined {
    return this.all.find((each) => each.jobId === jobId);
  }
}

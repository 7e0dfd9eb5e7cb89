import type { ClientResponse } from "../domain/client-response.ts";

/** A request's place as the one that answers with a job. `holder` is empty for the request that made the job. */
export interface Holding {
  /** The caller's. */
  tag: string;
  bodyHash: string;
  jobId: string;
  holder: string;
}

/** Responses to requests without an id of their own. Each is first written with its job, by `IdempotencyStore.record`. */
export interface ClientResponses {
  /** Those of a caller's equal requests whose jobs were recorded since the given time. */
  list(tag: string, bodyHash: string, since: Date): Promise<ClientResponse[]>;
  /** Makes a request the holder, with a lease until the given time. False when the response changed since it was read. */
  take(response: ClientResponse, holding: Holding, heldUntil: string): Promise<boolean>;
  /** Changes a response by its holder; once another request holds it, nothing happens. */
  change(
    holding: Holding,
    facts: Partial<Pick<ClientResponse, "heldUntil" | "outcome" | "settledAt">>,
  ): Promise<void>;
}

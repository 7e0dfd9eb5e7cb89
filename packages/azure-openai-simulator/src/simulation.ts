import type { Clock } from "./clock.ts";
import type { SimulatedFault } from "./faults/fault.ts";
import type { FaultBook, CallText } from "./faults/fault-book.ts";
import type { CallEntry, Ledger } from "./ledger.ts";
import type { Operations } from "./operations.ts";
import type { PictureStore } from "./picture-store.ts";
import type { RateLimits } from "./rate-limits.ts";
import type { Settings } from "./settings.ts";
import type { UrlSigner } from "./signed-url.ts";
import type { Call, Reply } from "./wire.ts";

/** Everything one running simulator knows. */
export interface Simulation {
  readonly apiKey: string;
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly faults: FaultBook;
  readonly operations: Operations;
  readonly pictures: PictureStore;
  readonly signer: UrlSigner;
  readonly rateLimits: RateLimits;
  settings: Settings;
  /** Where the simulator listens. */
  url: string;
}

/** A call with what is known about it by the time a handler runs. */
export interface Task {
  readonly call: Call;
  readonly callText: CallText;
  readonly fault: SimulatedFault;
  readonly entry: CallEntry;
}

export type Handler = (task: Task, simulation: Simulation) => Reply | Promise<Reply>;

import type { RunScope } from "../proxy/run-scope.ts";
import type { Client } from "../stack/client.ts";
import type { Stack } from "../stack/stack.ts";
import type { StorageView } from "../stack/storage-view.ts";

/** What a driver has to work with. */
export interface Driving {
  stack: Stack;
  storage: StorageView;
  scope: RunScope;
  client: Client;
  /** The prompt: the run's token, and words for the simulated service. */
  prompt: string;
  /** Names this request to the app, so that asking again is no second job. */
  key: Record<string, string>;
}

/** How a real client asks for pictures. */
export interface Flow {
  name: string;
  /** Pictures asked for. */
  wanted: number;
  /** Pictures that one upstream call is paid for, at most. */
  perCall: number;
  /** Upstream routes that it uses: `generate`, `edit`, `submit`. */
  route: "generate" | "edit" | "submit";
  isStreamed?: true;
  /** Whether inputs are stored for it. */
  hasInputs?: true;
  /** Its job may wait for files long before its deadline begins to count. */
  waits?: true;
  /** Whether its end is told by webhook. */
  isDelivered?: true;
  /** Asks for the pictures; the id of the job once it is accepted, or undefined when it never was. */
  start(driving: Driving): Promise<string | undefined>;
  /** What the client does while the job runs. */
  during?(driving: Driving, jobId: string): Promise<void>;
  /** What the client does at once when the job has ended. */
  after?(driving: Driving, jobId: string): Promise<void>;
  /** How the job may be left by what the client did: `canceled` allows another end, `deleted` wants nothing left. */
  leaves?: "canceled" | "deleted";
}

import { join } from "node:path";
import { systemClock } from "../durable/clock.ts";
import { createDurableEngine } from "../durable/engine.ts";
import type { DurableEngine, DurableOptions } from "../durable/engine.ts";
import type { DurableFunctions } from "../durable/functions.ts";
import type { HubClient } from "../durable/hub-client.ts";
import { openJournalStore } from "../durable/store.ts";

/** A host's task hub: its own, or one that it shares with others. */
export interface TaskHubConnection {
  /** Begins to take work. */
  join(functions: DurableFunctions, options: DurableOptions): HubClient;
  /** Hears from now on whether this process runs what only one may run; told at once how it is. */
  onSingleton(changed: (held: boolean) => void): void;
  /** Whether it may do so at this moment. */
  holdsSingleton(): boolean;
  /** Takes nothing more and resolves when what is under way has ended. */
  stop(): Promise<void>;
  close(): Promise<void> | void;
}

/** The task hub of a host that is alone: journal and engine are in this process. */
export function openOwnHub(dataDirectory: string): TaskHubConnection {
  const store = openJournalStore(join(dataDirectory, "durable"));
  let engine: DurableEngine | undefined;
  return {
    join(invoke, options) {
      engine = createDurableEngine({ clock: systemClock, store, invoke, options });
      return engine;
    },
    onSingleton: (changed) => changed(true),
    holdsSingleton: () => true,
    async stop() {
      await engine?.stop();
    },
    close: () => store.close(),
  };
}

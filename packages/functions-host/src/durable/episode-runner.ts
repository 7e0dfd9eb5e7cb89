import type { Clock } from "./clock.ts";
import { commitControl, commitEpisode, commitTermination } from "./episode.ts";
import type { Batch } from "./episode.ts";
import { missingFunction } from "./functions.ts";
import type { DurableFunctions, OrchestrationTrigger } from "./functions.ts";
import { EventType, historyEvent } from "./history.ts";
import type { HistoryEvent } from "./history.ts";
import { nextStep } from "./inbox.ts";
import { decide } from "./shim.ts";
import type { Instance, Operation } from "./state.ts";
import { parsed } from "./status.ts";
import type { DurableStore } from "./store.ts";
import { formatTimeSpan } from "../time-span.ts";

export interface EpisodeSettings {
  /** Milliseconds; a longer timer becomes a chain of timers of `longTimerInterval`. */
  maximumShortTimer: number;
  longTimerInterval: number;
}

export interface EpisodeParts {
  clock: Clock;
  store: DurableStore;
  invoke: DurableFunctions;
  commit: (operations: Operation[]) => void;
  limit: number;
  settings: EpisodeSettings;
  ended(instanceId: string): void;
  broke: (error: unknown) => void;
}

export interface Episodes {
  /** An instance may have something to play. */
  wake(instanceId: string): void;
  running(): number;
  stop(): void;
}

/** Runs episodes: at most `limit` at a time, and never two of one instance. */
export function createEpisodes(parts: EpisodeParts): Episodes {
  const ready = new Set<string>();
  const running = new Set<string>();
  let stopped = false;

  const runOne = async (id: string): Promise<void> => {
    const instance = parts.store.hub.get(id);
    if (instance) await playNext(instance, parts);
    running.delete(id);
    fill();
    parts.ended(id);
  };
  const fill = (): void => {
    for (const id of ready) {
      if (stopped || running.size >= parts.limit) return;
      if (running.has(id)) continue;
      ready.delete(id);
      const instance = parts.store.hub.get(id);
      if (!instance || nextStep(instance, parts.clock.now()).kind === "nothing") continue;
      running.add(id);
      runOne(id).catch(parts.broke);
    }
  };
  return {
    wake(id) {
      ready.add(id);
      fill();
    },
    running: () => running.size,
    stop() {
      stopped = true;
    },
  };
}

async function playNext(instance: Instance, parts: EpisodeParts): Promise<void> {
  const step = nextStep(instance, parts.clock.now());
  const batch = (taken: number[], events: HistoryEvent[]): Batch => {
    const now = parts.clock.now();
    return {
      instance,
      taken,
      events: [historyEvent({ EventType: EventType.OrchestratorStarted }, now), ...events],
      now,
    };
  };
  switch (step.kind) {
    case "nothing":
      return;
    case "discard": {
      parts.commit([{ op: "take", id: instance.header.id, sequences: step.taken }]);
      return;
    }
    case "terminate": {
      parts.commit(commitTermination(batch(step.taken, [step.event]), step.reason));
      return;
    }
    case "control": {
      parts.commit(commitControl(batch(step.taken, [step.event]), step.status));
      return;
    }
    case "play":
      return play(batch(step.taken, step.events), parts);
  }
}

async function play(batch: Batch, parts: EpisodeParts): Promise<void> {
  const { instance } = batch;
  const { invoke, settings } = parts;
  const { executionId, name } = instance.header;
  const registered = invoke.find("orchestrator", name);
  const history = [...instance.history, ...batch.events];
  const result = registered
    ? await invoke.orchestrate(registered, triggerFor(instance, history, settings))
    : { broken: missingFunction(invoke, "orchestrator", name).message };
  // Purged or replaced while the function ran: its decision is about an instance that is gone.
  if (parts.store.hub.get(instance.header.id)?.header.executionId !== executionId) return;
  const outcome = decide({
    ...settings,
    name,
    history,
    result,
    requireFunction(kind, needed) {
      if (invoke.find(kind, needed) === undefined) throw missingFunction(invoke, kind, needed);
    },
  });
  const customStatus = "state" in result ? result.state.customStatus : undefined;
  parts.commit(commitEpisode(batch, outcome, customStatus, parts.store.hub));
}

// Schema 2 is the SDK's V3; the next one would promise entity locks.
const schema = 2;

function triggerFor(
  instance: Instance,
  history: HistoryEvent[],
  settings: EpisodeSettings,
): OrchestrationTrigger {
  return {
    history,
    input: parsed(instance.header.input),
    instanceId: instance.header.id,
    isReplaying: instance.history.some((event) => event.EventType === EventType.ExecutionStarted),
    parentInstanceId: instance.header.parent?.OrchestrationInstance.InstanceId ?? null,
    upperSchemaVersion: 1,
    upperSchemaVersionNew: schema,
    longRunningTimerIntervalDuration: formatTimeSpan(settings.longTimerInterval),
    maximumShortTimerDuration: formatTimeSpan(settings.maximumShortTimer),
    defaultHttpAsyncRequestSleepTimeMillseconds: 30_000,
  };
}

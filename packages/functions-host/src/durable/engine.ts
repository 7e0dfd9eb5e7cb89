import { createActivityPool } from "./activity-pool.ts";
import { hideAbandoned } from "./after-kill.ts";
import type { Hidden } from "./after-kill.ts";
import { createDurableClient } from "./client.ts";
import type { DurableClient } from "./client.ts";
import type { Clock } from "./clock.ts";
import { createEpisodes } from "./episode-runner.ts";
import type { EpisodeSettings } from "./episode-runner.ts";
import type { DurableFunctions } from "./functions.ts";
import type { HistoryEvent } from "./history.ts";
import { EventType, historyEvent } from "./history.ts";
import { isFinished, workKey } from "./state.ts";
import type { DurableTimer, Message, Operation } from "./state.ts";
import { describeInstance } from "./status.ts";
import type { InstanceStatus } from "./status.ts";
import type { DurableStore } from "./store.ts";

export interface DurableOptions extends Partial<EpisodeSettings> {
  maxConcurrentActivities?: number;
  maxConcurrentOrchestrators?: number;
  /**
   * Milliseconds between a client's start of an instance and its first episode; 0 by default. The real host has a queue
   * in between, so that anyone who starts an instance is answered before it runs.
   */
  startDelay?: number;
  /** For how long what a killed process had taken is hidden from this one; not at all by default. */
  hiddenAfterKill?: Hidden;
}

export interface DurableEngineParts {
  clock: Clock;
  store: DurableStore;
  invoke: DurableFunctions;
  options?: DurableOptions;
}

export interface DurableEngine extends DurableClient {
  /** The raw history of an instance's current generation, empty for an unknown one. */
  history(id: string): readonly HistoryEvent[];
  /** The instance's final status, as soon as it has one. */
  whenFinished(id: string): Promise<InstanceStatus>;
  /** Orchestrators and activities running at this moment. */
  busy(): number;
  /** Called each time nothing runs any more; timers may still be waiting. Returns the unsubscriber. */
  onIdle(listener: () => void): () => void;
  /** Starts nothing more and resolves when what runs has ended. Timers are disarmed. */
  stop(): Promise<void>;
}

/** Runs orchestrations from the store's state, beginning with whatever a former process left there. */
export function createDurableEngine(parts: DurableEngineParts): DurableEngine {
  const { clock, store, invoke, options = {} } = parts;
  const armed = new Map<string, () => void>();
  const idleListeners = new Set<() => void>();
  const finishListeners = new Map<string, ((status: InstanceStatus) => void)[]>();
  let stopped = false;

  // A failure of the engine itself must not be mistaken for one of a function: the process ends on it.
  const broke = (error: unknown): void => {
    queueMicrotask(() => {
      throw error;
    });
  };
  const commit = (operations: Operation[]): void => {
    store.commit(operations);
    for (const operation of operations) follow(operation);
  };
  const afterWork = (instanceId: string): void => {
    announceEnd(instanceId);
    episodes.wake(instanceId);
    if (engine.busy() === 0) for (const listener of idleListeners) listener();
  };
  const episodes = createEpisodes({
    clock,
    store,
    invoke,
    commit,
    limit: options.maxConcurrentOrchestrators ?? 32,
    settings: {
      maximumShortTimer: options.maximumShortTimer ?? 6 * 24 * 3_600_000,
      longTimerInterval: options.longTimerInterval ?? 3 * 24 * 3_600_000,
    },
    ended: afterWork,
    broke,
  });
  const activities = createActivityPool({
    clock,
    store,
    invoke,
    limit: options.maxConcurrentActivities ?? 32,
    ended: afterWork,
    broke,
  });

  /** Sets in motion what a commit asks for. */
  const follow = (operation: Operation): void => {
    if (stopped) return;
    if (operation.op === "push") wake(operation);
    else if (operation.op === "task") activities.add(operation.task);
    else if (operation.op === "timer") arm(operation.timer);
    else if (operation.op === "fired") disarm(`${operation.id}/${operation.key}`);
    else if (operation.op === "purge") disarmAll(operation.id);
  };
  const wake = ({ id, message }: Operation & { op: "push" }): void => {
    const delay = isClientStart(message) ? (options.startDelay ?? 0) : 0;
    if (delay === 0) episodes.wake(id);
    else clock.setTimer(clock.now() + delay, () => episodes.wake(id));
  };
  const arm = (timer: DurableTimer): void => {
    const key = `${timer.instanceId}/${workKey(timer.executionId, timer.timerId)}`;
    // Up to a second early: on the real host a timer is a queue message, whose delay is told in whole seconds and cut off
    // there, and nobody looks at the timer's time again when the message comes.
    const delay = Math.max(0, Math.trunc((timer.fireAt - clock.now()) / 1000)) * 1000;
    armed.set(
      key,
      clock.setTimer(clock.now() + delay, () => commit(fire(timer, clock.now()))),
    );
  };
  /** At once where it is visible. */
  const whenVisible = (key: string, { visibleAt = 0 }: { visibleAt?: number }, take: () => void): void => {
    if (visibleAt <= clock.now()) take();
    else armed.set(key, clock.setTimer(visibleAt, take));
  };
  const disarm = (key: string): void => {
    armed.get(key)?.();
    armed.delete(key);
  };
  const disarmAll = (instanceId: string): void => {
    for (const key of armed.keys()) if (key.startsWith(`${instanceId}/`)) disarm(key);
  };
  const announceEnd = (id: string): void => {
    const header = store.hub.get(id)?.header;
    if (!header || !isFinished(header.status)) return;
    const listeners = finishListeners.get(id) ?? [];
    finishListeners.delete(id);
    for (const listener of listeners) listener(describeInstance(header));
  };
  const idle = () =>
    new Promise<void>((resolve) => {
      const stopListening = engine.onIdle(() => {
        stopListening();
        resolve();
      });
    });

  const engine: DurableEngine = {
    ...createDurableClient({ clock, store, invoke, commit }),
    history: (id) => store.hub.get(id)?.history ?? [],
    busy: () => episodes.running() + activities.running(),
    whenFinished: (id) =>
      new Promise((resolve) => {
        finishListeners.set(id, [...(finishListeners.get(id) ?? []), resolve]);
        announceEnd(id);
      }),
    onIdle(listener) {
      idleListeners.add(listener);
      return () => idleListeners.delete(listener);
    },
    async stop() {
      stopped = true;
      episodes.stop();
      activities.stop();
      for (const key of [...armed.keys()]) disarm(key);
      if (engine.busy() > 0) await idle();
    },
  };
  if (store.leftAt !== undefined && options.hiddenAfterKill)
    store.commit(hideAbandoned(store.hub, store.leftAt, options.hiddenAfterKill));
  for (const instance of store.hub.values()) {
    const { id } = instance.header;
    for (const timer of instance.timers.values()) arm(timer);
    for (const [key, task] of instance.tasks)
      whenVisible(`${id}/hidden/${key}`, task, () => activities.add(task));
    for (const [sequence, message] of instance.inbox)
      whenVisible(`${id}/hidden/${sequence}`, message, () => episodes.wake(id));
  }
  return engine;
}

function isClientStart({ event }: Message): boolean {
  return event.EventType === EventType.ExecutionStarted && event.ParentInstance === null;
}

function fire(timer: DurableTimer, now: number): Operation[] {
  const { instanceId: id, executionId, timerId } = timer;
  const FireAt = new Date(timer.fireAt).toISOString();
  const event = historyEvent({ EventType: EventType.TimerFired, TimerId: timerId, FireAt }, now);
  return [
    { op: "fired", id, key: workKey(executionId, timerId) },
    { op: "push", id, message: { executionId, event } },
  ];
}

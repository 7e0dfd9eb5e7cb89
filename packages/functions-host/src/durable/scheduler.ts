import { Future } from "./future.ts";
import type { Settled } from "./future.ts";

/** Something the orchestrator started, under the number it will be known by in the history. */
export type Started =
  | { kind: "activity"; id: number; name: string; input: unknown }
  | {
      kind: "subOrchestration";
      id: number;
      name: string;
      instanceId: string;
      input: unknown;
      version: string | null;
    }
  | { kind: "timer"; id: number; fireAt: number; canceled: boolean };

type Unnumbered<T> = T extends { id: number } ? Omit<T, "id"> : never;

/** The history and the orchestrator disagree about what was started. Its message fails the instance. */
export class NonDeterminism extends Error {
  override name = "NonDeterminism";
}

/**
 * The host's view of one orchestration while its history is replayed: a clock, one counter for everything
 * that takes a number, what is still open, and what the history has not confirmed yet.
 */
export class Scheduler {
  /** Timestamp of the latest OrchestratorStarted event. */
  now = 0;
  /** Set once the orchestrator asked to continue as new. */
  continueAsNew: { input: unknown } | undefined;
  #nextId = 0;
  readonly #unconfirmed = new Map<number, Started>();
  readonly #open = new Map<number, Future>();
  readonly #canceledTimers: number[] = [];
  readonly #waiters = new Map<string, Future[]>();
  readonly #buffered = new Map<string, number>();

  /** Takes the next number. Only activities, timers and sub-orchestrations do; events take none. */
  start(work: Unnumbered<Started>): Future {
    const id = this.#nextId++;
    const future = new Future();
    this.#unconfirmed.set(id, { ...work, id });
    if (work.kind === "timer" && work.canceled) {
      // A canceled timer keeps its number and its TimerCreated event but is not waited for.
      this.#canceledTimers.push(id);
      future.settle("failed");
    } else {
      this.#open.set(id, future);
    }
    return future;
  }

  /** The history says task `id` was started as `kind`; the orchestrator must have started the same. */
  confirm(id: number, kind: Started["kind"], name?: string): void {
    const started = this.#unconfirmed.get(id);
    const startedName = started && "name" in started ? started.name : undefined;
    if (started?.kind !== kind || startedName?.toLowerCase() !== name?.toLowerCase()) {
      const recorded = describe(kind, name);
      const found = started
        ? `started ${describe(started.kind, startedName)} there`
        : "started nothing there";
      throw new NonDeterminism(
        `Non-Deterministic workflow detected: a previous execution of this orchestration scheduled ${recorded} ` +
          `with sequence ID ${id}, but the current replay ${found}. ` +
          `Was a change made to the orchestrator code after this instance had already started running?`,
      );
    }
    this.#unconfirmed.delete(id);
  }

  /** Ends task `id`. A second completion, or one for a canceled timer, changes nothing. */
  settle(id: number, outcome: Settled): void {
    const future = this.#open.get(id);
    if (!future) return;
    this.#open.delete(id);
    future.settle(outcome);
  }

  /** Waits for an external event; one that came early is taken from the buffer first. */
  waitForEvent(name: string): Future {
    const key = name.toLowerCase();
    const future = new Future();
    const buffered = this.#buffered.get(key) ?? 0;
    if (buffered > 0) {
      this.#buffered.set(key, buffered - 1);
      future.settle("succeeded");
    } else {
      this.#waiters.set(key, [...(this.#waiters.get(key) ?? []), future]);
    }
    return future;
  }

  /** Hands an event to the newest waiter, or keeps it (EXT DurableOrchestrationContext.cs: a stack). */
  raiseEvent(name: string): void {
    const key = name.toLowerCase();
    const waiter = this.#waiters.get(key)?.pop();
    if (waiter) waiter.settle("succeeded");
    else this.#buffered.set(key, (this.#buffered.get(key) ?? 0) + 1);
  }

  get nextId(): number {
    return this.#nextId;
  }

  get hasOpenTasks(): boolean {
    return this.#open.size > 0;
  }

  /** Started, and not in the history yet: the new work of this episode, in id order. */
  get newWork(): Started[] {
    return [...this.#unconfirmed.values()];
  }

  get canceledTimers(): readonly number[] {
    return this.#canceledTimers;
  }
}

function describe(kind: Started["kind"], name: string | undefined): string {
  const noun =
    kind === "subOrchestration" ? "a sub-orchestration" : kind === "timer" ? "a timer" : "an activity";
  return name === undefined ? noun : `${noun} named '${name}'`;
}

/** How a started task ended. The value is the SDK's business; the host only asks whether it failed. */
export type Settled = "succeeded" | "failed";

/**
 * A promise that continues its listeners at once, inside `settle`. Task ids depend on the order in which
 * continuations run, and DTF runs them synchronously per history event (DTF TaskOrchestrationExecutor.cs),
 * so the microtask queue must stay out of it.
 */
export class Future {
  #outcome: Settled | undefined;
  #listeners: ((outcome: Settled) => void)[] = [];

  get settled(): boolean {
    return this.#outcome !== undefined;
  }

  settle(outcome: Settled): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener(outcome);
  }

  whenSettled(listener: (outcome: Settled) => void): void {
    if (this.#outcome === undefined) this.#listeners.push(listener);
    else listener(this.#outcome);
  }
}

/** A future nobody has to wait for. */
export function settled(): Future {
  const future = new Future();
  future.settle("succeeded");
  return future;
}

/** A coroutine that waits for futures by yielding them. */
export type Coroutine = Generator<Future, Settled, Settled>;

/** Runs a coroutine as far as it goes now; the rest runs as its futures settle. */
export function run(coroutine: Coroutine): Future {
  const result = new Future();
  const advance = (step: IteratorResult<Future, Settled>): void => {
    if (step.done) result.settle(step.value);
    else step.value.whenSettled((outcome) => advance(coroutine.next(outcome)));
  };
  advance(coroutine.next("succeeded"));
  return result;
}

/** Settles with the first of its parts. */
export function whenAny(parts: Future[]): Future {
  const any = new Future();
  for (const part of parts) part.whenSettled((outcome) => any.settle(outcome));
  return any;
}

/** Settles when every part has, like .NET's `Task.WhenAll`: an early failure does not end the wait. */
export function whenAll(parts: Future[]): Future {
  const all = new Future();
  let waiting = parts.length;
  let worst: Settled = "succeeded";
  for (const part of parts) {
    part.whenSettled((outcome) => {
      if (outcome === "failed") worst = "failed";
      waiting -= 1;
      if (waiting === 0) all.settle(worst);
    });
  }
  return all;
}

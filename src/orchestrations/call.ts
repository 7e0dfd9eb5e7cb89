import type { OrchestrationContext, Task } from "durable-functions";
import type { Step } from "../contracts/workflow.ts";
import { isStorageFailure } from "../domain/app-error.ts";
import { type FailedTries, tryAgain } from "../domain/step-retry.ts";

/** What an orchestration yields to, typed. The only file here that may touch the clock's type: to build a timer's date. */
export type Steps<O> = Generator<Task, O, unknown>;

// Longer than most outages, and than what a step without a job's deadline is worth; jobs-reconcile looks after the rest.
const defaultOutageMs = 15 * 60_000;

/**
 * Runs a step. One that throws is tried again by its policy, and its last error is thrown here. While our own storage fails
 * it, that is no try: it is run again until `outageEnds`, in epoch milliseconds.
 */
export function* call<I, O>(
  context: OrchestrationContext,
  step: Step<I, O>,
  input: I,
  outageEnds = nowMs(context) + defaultOutageMs,
): Steps<O> {
  let tries: FailedTries | undefined;
  for (;;) {
    try {
      return yield* callOnce(context, step, input);
    } catch (error) {
      const bounds = { now: nowMs(context), outageEnds, retry: step.retry };
      const again = tryAgain(tries, isStorageFailure(error), bounds);
      if (!again) throw error;
      tries = again.tries;
      yield* waitUntil(context, again.wakeAt);
    }
  }
}

/**
 * Runs a step whose failure must not fail its caller. That it failed for good is logged once: not while a history is replayed,
 * and without the error, which the step's own invocation has logged.
 */
export function* callOrWarn<I, O>(
  context: OrchestrationContext,
  step: Step<I, O>,
  input: I,
  { otherwise, outageEnds }: { otherwise: string; outageEnds?: number },
): Steps<O | undefined> {
  try {
    return yield* call(context, step, input, outageEnds);
  } catch {
    if (!context.df.isReplaying) context.warn(`${step.name} failed for good: ${otherwise}`);
    return undefined;
  }
}

export function* callOnce<I, O>(context: OrchestrationContext, step: Step<I, O>, input: I): Steps<O> {
  return (yield context.df.callActivity(step.name, input)) as O;
}

// What was received is recorded even when the deadline has passed meanwhile.
const graceMs = 10 * 60_000;

/** Until when a job's steps are run again while storage fails them. */
export function outageEnd(deadline: number): number {
  return deadline + graceMs;
}

/** Runs a child orchestration for each input, all at once; each child's instance id is given with it. */
export function* runChildren(
  context: OrchestrationContext,
  orchestration: string,
  children: { id: string; input: unknown }[],
): Steps<void> {
  yield context.df.Task.all(
    children.map(({ id, input }) => context.df.callSubOrchestrator(orchestration, input, id)),
  );
}

/** Replay-safe time, in epoch milliseconds. */
export function nowMs(context: OrchestrationContext): number {
  return context.df.currentUtcDateTime.getTime();
}

// The delay of a durable timer is cut off to whole seconds, so that it ends up to one early: one more second makes up for it.
const timerCutMs = 1_000;
// The second is enough where all instances have the same time; whatever their clocks say, a wait ends.
const maxTimers = 3;

/** Sleeps on durable timers until then, never less: nothing runs meanwhile, and nothing is paid for. */
export function* waitUntil(context: OrchestrationContext, epochMs: number): Steps<void> {
  yield context.df.createTimer(new Date(epochMs));
  for (let timer = 1; timer < maxTimers && nowMs(context) < epochMs; timer += 1) {
    yield context.df.createTimer(new Date(epochMs + timerCutMs));
  }
}

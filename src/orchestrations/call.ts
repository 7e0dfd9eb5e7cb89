import { type OrchestrationContext, RetryOptions, type Task } from "durable-functions";
import type { Step } from "../contracts/workflow.ts";

/** What an orchestration yields to, typed. The only file here that may touch the clock's type: to build a timer's date. */
export type Steps<O> = Generator<Task, O, unknown>;

const longestWaitMs = 30_000;

/** Runs a step; one that throws is tried again by its policy, and its last error is thrown here. */
export function* call<I, O>(context: OrchestrationContext, step: Step<I, O>, input: I): Steps<O> {
  return (yield stepTask(context, step, input)) as O;
}

/** Runs a step for each input, all at once. Fails as soon as one has spent its tries. */
export function* callForEach<I, O>(context: OrchestrationContext, step: Step<I, O>, inputs: I[]): Steps<O[]> {
  if (inputs.length === 0) return [];
  return (yield context.df.Task.all(inputs.map((input) => stepTask(context, step, input)))) as O[];
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

/** Sleeps on a durable timer: nothing runs, and nothing is paid for, until then. */
export function* waitUntil(context: OrchestrationContext, epochMs: number): Steps<void> {
  yield context.df.createTimer(new Date(epochMs));
}

function stepTask<I, O>(context: OrchestrationContext, { name, retry }: Step<I, O>, input: I): Task {
  const options = new RetryOptions(retry.firstMs, retry.attempts);
  options.backoffCoefficient = 2;
  options.maxRetryIntervalInMilliseconds = longestWaitMs;
  return context.df.callActivityWithRetry(name, options, input);
}

import { randomUUID } from "node:crypto";
import type { Binding, RegisteredFunction, TypedData } from "./core-types.ts";
import type { Log } from "./log.ts";
import type { Worker, WorkerCall, WorkerResult } from "./worker.ts";

/** One call of a function by its trigger. */
export interface TriggerCall {
  data: TypedData;
  metadata?: Record<string, TypedData>;
  /** Why, in the words of the log line. */
  reason: string;
  invocationId?: string;
  traceParent?: string | undefined;
  retryContext?: WorkerCall["retryContext"];
  /** What the call isn't over without, once the function is: that its answer has reached the client. Throws if it hasn't. */
  until?: (result: WorkerResult) => Promise<unknown>;
}

export interface Invoker {
  /** Calls a function; throws what it threw, or a timeout. */
  invoke(target: RegisteredFunction, call: TriggerCall): Promise<WorkerResult>;
  /** Resolves when no call is in flight, or after `grace` milliseconds. */
  drain(grace: number): Promise<void>;
}

export interface InvokerParts {
  worker: Worker;
  log: Log;
  /** Milliseconds, or null for no limit. */
  functionTimeout: number | null;
  /** The value of a durable client binding. */
  durableClient: (binding: Binding) => object;
}

/** Every call of every trigger passes here: inputs, log lines, the function timeout, the count for draining. */
export function createInvoker({ worker, log, functionTimeout, durableClient }: InvokerParts): Invoker {
  const inFlight = new Set<Promise<unknown>>();

  const run = async (target: RegisteredFunction, call: TriggerCall): Promise<WorkerResult> => {
    const { name } = target.metadata;
    const invocationId = call.invocationId ?? randomUUID();
    const line = (level: "information" | "error", text: string) => log(level, `Function.${name}`, text);
    line("information", `Executing 'Functions.${name}' (Reason='${call.reason}', Id=${invocationId})`);
    const started = performance.now();
    const end = (word: string) =>
      `Executed 'Functions.${name}' (${word}, Id=${invocationId}, Duration=${Math.round(performance.now() - started)}ms)`;
    try {
      const running = worker.invoke(target, {
        invocationId,
        inputData: inputsOf(target, call.data, durableClient),
        triggerMetadata: call.metadata ?? {},
        traceParent: call.traceParent,
        ...(call.retryContext === undefined ? {} : { retryContext: call.retryContext }),
      });
      const result = await withTimeout(running, functionTimeout, name, invocationId);
      await call.until?.(result);
      line("information", end("Succeeded"));
      return result;
    } catch (error) {
      line("error", `${end("Failed")}\n${describeFailure(error)}`);
      throw error;
    }
  };
  return {
    invoke(target, call) {
      const running = run(target, call);
      const settled = running.catch(() => undefined).finally(() => inFlight.delete(settled));
      inFlight.add(settled);
      return running;
    },
    async drain(grace) {
      const patience = new AbortController();
      const timeUp = new Promise((resolve) => {
        const timer = setTimeout(resolve, grace);
        patience.signal.addEventListener("abort", () => clearTimeout(timer));
      });
      await Promise.race([Promise.all(inFlight), timeUp]);
      patience.abort();
    },
  };
}

/** The trigger's data under the trigger's binding name, and a client for every durable client binding. */
function inputsOf(
  { metadata }: RegisteredFunction,
  data: TypedData,
  durableClient: (binding: Binding) => object,
): WorkerCall["inputData"] {
  return Object.entries(metadata.bindings).flatMap(([name, binding]) => {
    if (binding.direction !== "in") return [];
    if (isTrigger(binding)) return [{ name, data }];
    if (isDurableClient(binding)) return [{ name, data: { string: JSON.stringify(durableClient(binding)) } }];
    return [];
  });
}

export function isTrigger(binding: Binding): boolean {
  return binding.direction === "in" && binding.type.toLowerCase().endsWith("trigger");
}

export function isDurableClient(binding: Binding): boolean {
  const type = binding.type.toLowerCase();
  return type === "durableclient" || type === "orchestrationclient";
}

async function withTimeout<T>(
  running: Promise<T>,
  limit: number | null,
  name: string,
  id: string,
): Promise<T> {
  if (limit === null) return running;
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(
        new Error(
          `Timeout value of ${limit / 1000} s exceeded by function 'Functions.${name}' (Id: '${id}').`,
        ),
      );
    }, limit);
  });
  try {
    return await Promise.race([running, timeUp]);
  } finally {
    clearTimeout(timer);
  }
}

// A failed orchestrator carries its whole state in its message; the log wants the error in it.
const orchestratorState = /^[^]*?\$OutOfProcData\$:/;

function describeFailure(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (orchestratorState.test(message)) {
    const state = JSON.parse(message.replace(orchestratorState, "")) as { error?: string };
    return `Result: Failure\nException: ${state.error ?? ""}`;
  }
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  return `Result: Failure\nException: ${message}\nStack: ${stack}`;
}

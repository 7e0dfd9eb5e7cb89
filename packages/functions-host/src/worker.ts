import { randomBytes } from "node:crypto";
import { inspect } from "node:util";
import { createCoreModule, installCoreModule, systemError } from "./core-module.ts";
import type { LogCategory, Registrations } from "./core-module.ts";
import type { InvocationRequest, InvocationResponse, RegisteredFunction, TypedData } from "./core-types.ts";
import { entryPoints, loadEntryPoint, readAppPackage } from "./entry-point.ts";
import type { Log, LogLevel } from "./log.ts";

/** What a function call hands the worker. */
export interface WorkerCall {
  invocationId: string;
  inputData: { name: string; data: TypedData }[];
  triggerMetadata: Record<string, TypedData>;
  /** W3C traceparent of what led to the call, where that is known. */
  traceParent?: string | undefined;
  retryContext?: InvocationRequest["retryContext"];
}

export interface WorkerResult {
  response: InvocationResponse;
  /** What the function itself returned, after the hooks. */
  result: unknown;
}

export interface Worker {
  readonly functions: readonly RegisteredFunction[];
  /** Where HTTP requests are streamed to, if the app asked for streaming. */
  readonly httpUri: string | undefined;
  /** Runs one function; throws what the function threw. */
  invoke(target: RegisteredFunction, call: WorkerCall): Promise<WorkerResult>;
  /** Runs the app's terminate hooks. */
  terminate(): Promise<void>;
}

export interface WorkerOptions {
  appDirectory: string;
  hostVersion: string;
  log: Log;
}

/**
 * Plays the Node worker: provides the core module, loads the app and runs its functions, in one process with
 * the host (WRK startApp.ts, eventHandlers/InvocationHandler.ts). One per process, as the library caches it.
 */
export async function startWorker({ appDirectory, hostVersion, log }: WorkerOptions): Promise<Worker> {
  const appHookData = {};
  const appLevelHookData = {};
  const emit = (level: LogLevel, category: LogCategory, message: string, call?: LoggedCall): void => {
    const edited = runLogHooks(core.registrations, {
      level,
      category,
      message,
      call,
      appHookData,
      appLevelHookData,
    });
    log(edited.level, logCategoryOf(category, call), edited.message);
  };
  const core = createCoreModule(hostVersion, (level, category, message) => emit(level, category, message));
  installCoreModule(core);
  const { registrations } = core;

  const appPackage = readAppPackage(appDirectory);
  for (const path of entryPoints(appDirectory, appPackage)) await loadEntryPoint(path, appPackage);
  const appLevel = { hookData: appLevelHookData, appHookData, functionAppDirectory: appDirectory };
  for (const hook of registrations.hooks("appStart")) await hook(readOnly(appLevel));
  // Freezes the app's setup and, in streaming mode, starts the library's proxy (LIB ProgrammingModel.ts).
  const capabilities = (await registrations.model?.getCapabilities?.({})) ?? {};
  registrations.lock();

  return {
    functions: registrations.functions,
    httpUri: capabilities["HttpUri"],
    invoke: (target, call) => runInvocation(target, call, registrations, appHookData, emit),
    async terminate() {
      for (const hook of registrations.hooks("appTerminate")) await hook(readOnly(appLevel));
    },
  };
}

interface LoggedCall {
  functionName: string;
  hookData: object;
  context: unknown;
}

async function runInvocation(
  { metadata, callback }: RegisteredFunction,
  call: WorkerCall,
  registrations: Registrations,
  appHookData: object,
  emit: (level: LogLevel, category: LogCategory, message: string, call: LoggedCall) => void,
): Promise<WorkerResult> {
  const { model } = registrations;
  if (!model) throw new Error("The app has set no programming model.");
  const hookData = {};
  const logged: LoggedCall = { functionName: metadata.name, hookData, context: undefined };
  const { invocationId, inputData, triggerMetadata, traceParent, retryContext } = call;
  const core = {
    invocationId,
    metadata: { ...metadata, functionId: metadata.functionId ?? metadata.name },
    request: {
      invocationId,
      functionId: metadata.functionId ?? metadata.name,
      inputData,
      triggerMetadata,
      traceContext: { traceParent: traceParent ?? newTrace(), traceState: "", attributes: {} },
      ...(retryContext === undefined ? {} : { retryContext }),
    } satisfies InvocationRequest,
    state: undefined as string | undefined,
    log: (level: LogLevel, category: LogCategory, message: string) => emit(level, category, message, logged),
  };
  const invocation = await model.getInvocationModel(core);
  const { context, inputs } = await invocation.getArguments();
  logged.context = context;
  const fixed = { hookData, appHookData, invocationContext: context };

  core.state = "preInvocationHooks";
  const before = readOnly(fixed, { inputs, functionCallback: callback });
  for (const hook of registrations.hooks("preInvocation")) await hook(before);

  core.state = "invocation";
  const after = readOnly(fixed, { inputs: before.inputs, result: null as unknown, error: null as unknown });
  try {
    after.result = (await invocation.invokeFunction(context, before.inputs, before.functionCallback)) ?? null;
  } catch (error) {
    after.error = error ?? new Error("A function threw nothing.");
  }

  core.state = "postInvocationHooks";
  for (const hook of registrations.hooks("postInvocation")) await hook(after);
  if (after.error !== null && after.error !== undefined) {
    throw after.error instanceof Error ? after.error : new Error(inspect(after.error));
  }
  return { response: await invocation.getResponse(context, after.result), result: after.result };
}

interface LogLine {
  level: LogLevel;
  category: LogCategory;
  message: string;
  call: LoggedCall | undefined;
  appHookData: object;
  appLevelHookData: object;
}

/** Only the app's own lines can be edited, and a broken hook must not cost a log line (WRK utils). */
function runLogHooks(registrations: Registrations, line: LogLine): { level: LogLevel; message: string } {
  const { level, category, message, call, appHookData, appLevelHookData } = line;
  const hooks = registrations.hooks("log");
  if (hooks.length === 0) return { level, message };
  const hookData = call?.hookData ?? appLevelHookData;
  const fixed = { hookData, appHookData, category, invocationContext: call?.context };
  const context = readOnly(fixed, { level, message });
  for (const hook of hooks) {
    try {
      hook(context);
    } catch {
      continue;
    }
  }
  return category === "user" ? { level: context.level, message: context.message } : { level, message };
}

function logCategoryOf(category: LogCategory, call: LoggedCall | undefined): string {
  if (!call) return category === "user" ? "Host.Function.Console" : "Worker.rpcWorkerProcess";
  return category === "user" ? `Function.${call.functionName}.User` : `Function.${call.functionName}`;
}

/** An object whose `fixed` members refuse to be written and whose `free` members do not. */
function readOnly<Fixed extends object, Free extends object>(
  fixed: Fixed,
  free: Free = {} as Free,
): Readonly<Fixed> & Free {
  const context = { ...free };
  for (const [name, value] of Object.entries(fixed)) {
    Object.defineProperty(context, name, {
      enumerable: true,
      get: () => value as unknown,
      set: () => {
        throw systemError(TypeError, `Cannot assign to read only property '${name}'`);
      },
    });
  }
  return context as Readonly<Fixed> & Free;
}

/** The beginning of a trace, of what a timer or a message has started. */
function newTrace(): string {
  const id = (bytes: number) => randomBytes(bytes).toString("hex");
  return `00-${id(16)}-${id(8)}-01`;
}

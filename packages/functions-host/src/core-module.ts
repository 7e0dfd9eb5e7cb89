import Module from "node:module";
import type {
  FunctionCallback,
  FunctionMetadata,
  HookCallback,
  ProgrammingModel,
  RegisteredFunction,
} from "./core-types.ts";
import type { LogLevel } from "./log.ts";

const moduleName = "@azure/functions-core";
const hookNames = ["preInvocation", "postInvocation", "appStart", "appTerminate", "log"] as const;
export type HookName = (typeof hookNames)[number];

export type LogCategory = "user" | "system" | "customMetric";

/** What the app has told the worker so far. */
export interface Registrations {
  readonly functions: readonly RegisteredFunction[];
  readonly model: ProgrammingModel | undefined;
  hooks(name: HookName): readonly HookCallback[];
  /** After this the app can register no more functions. */
  lock(): void;
}

/** Cuts both ways: the package the app imports, and what the host reads out of it. */
export interface CoreModule {
  registrations: Registrations;
  exports: object;
}

class Disposable {
  static from(...parts: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const part of parts) part.dispose();
    });
  }

  #onDispose: (() => void) | undefined;
  constructor(onDispose: () => void) {
    this.#onDispose = onDispose;
  }

  dispose(): void {
    this.#onDispose?.();
    this.#onDispose = undefined;
  }
}

/** Builds the module `@azure/functions-core`, which only ever exists inside a worker (WRK setupCoreModule.ts). */
export function createCoreModule(
  hostVersion: string,
  log: (level: LogLevel, category: LogCategory, message: string) => void,
): CoreModule {
  const functions: RegisteredFunction[] = [];
  const hooks = new Map<HookName, HookCallback[]>(hookNames.map((name) => [name, []]));
  let model: ProgrammingModel | undefined;
  let locked = false;

  const registerFunction = (metadata: FunctionMetadata, callback: FunctionCallback): Disposable => {
    if (locked) throw systemError(Error, "A function can only be registered during app startup.");
    const known = functions.some((each) => each.metadata.name.toLowerCase() === metadata.name.toLowerCase());
    if (known) throw systemError(Error, `A function named '${metadata.name}' is already registered.`);
    const registered = { metadata, callback };
    functions.push(registered);
    return new Disposable(() => void functions.splice(functions.indexOf(registered), 1));
  };
  const registerHook = (name: string, callback: HookCallback): Disposable => {
    const list = hooks.get(name as HookName);
    // LIB asks for exactly this error before it blames the host's version (LIB hooks/registerHook.ts).
    if (!list) throw systemError(RangeError, `Unrecognized hook "${name}"`);
    list.push(callback);
    return new Disposable(() => void list.splice(list.indexOf(callback), 1));
  };
  return {
    registrations: {
      functions,
      get model() {
        return model;
      },
      hooks: (name) => [...(hooks.get(name) ?? [])],
      lock() {
        locked = true;
      },
    },
    exports: {
      version: "3.12.0",
      hostVersion,
      setProgrammingModel(next: ProgrammingModel) {
        model = next;
      },
      getProgrammingModel: () => model,
      registerFunction,
      registerHook,
      log,
      Disposable,
    },
  };
}

/**
 * Answers `require("@azure/functions-core")` from now on. The function library asks once and remembers a
 * failure for good, so this must run before anything loads it (LIB utils/tryGetCoreApiLazy.ts).
 */
export function installCoreModule(core: CoreModule): void {
  const prototype = Module.prototype as { require: (this: unknown, id: string) => unknown };
  const original = prototype.require;
  prototype.require = function (id) {
    return id === moduleName ? core.exports : original.call(this, id);
  };
}

/** An error the function library recognizes as the system's and not the user's. */
export function systemError(
  kind: new (message: string) => Error,
  message: string,
): Error & { isAzureFunctionsSystemError: true } {
  return Object.assign(new kind(message), { isAzureFunctionsSystemError: true as const });
}

import type { Binding, RegisteredFunction } from "./core-types.ts";
import { isDurableClient, isTrigger } from "./invoker.ts";
import type { Log } from "./log.ts";

/** A registered function with its trigger found and its settings filled in. */
export interface LoadedFunction extends RegisteredFunction {
  name: string;
  /** The trigger binding; `%NAME%` in it is replaced by the setting. */
  trigger: Binding;
  /** Lower-case trigger type, `httptrigger`. */
  kind: string;
}

const knownTriggers = [
  "httptrigger",
  "queuetrigger",
  "blobtrigger",
  "timertrigger",
  "orchestrationtrigger",
  "activitytrigger",
];

export type Settings = Readonly<Record<string, string | undefined>>;

/**
 * Checks what the app registered and drops disabled functions, in the alphabetical order the real host works in
 * (HOST FunctionMetadataManager.cs). A binding this host does not implement is an error now, not a surprise later.
 */
export function loadFunctions(
  registered: readonly RegisteredFunction[],
  settings: Settings,
  log: Log,
): LoadedFunction[] {
  return [...registered]
    .filter(({ metadata }) => {
      const disabled = settings[`AzureWebJobs.${metadata.name}.Disabled`]?.toLowerCase() === "true";
      if (disabled) log("information", "Host.Startup", `Function '${metadata.name}' is disabled.`);
      return !disabled;
    })
    .map((each) => load(each, settings))
    .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
}

function load({ metadata, callback }: RegisteredFunction, settings: Settings): LoadedFunction {
  const { name, bindings } = metadata;
  const trigger = Object.values(bindings).find(isTrigger);
  const kind = trigger?.type.toLowerCase();
  if (!trigger || kind === undefined || !knownTriggers.includes(kind)) {
    throw new Error(`Function '${name}': the local host has no trigger '${trigger?.type ?? "(none)"}'.`);
  }
  for (const [key, binding] of Object.entries(bindings)) {
    const known =
      isTrigger(binding) || isDurableClient(binding) || (key === "$return" && binding.type === "http");
    if (!known)
      throw new Error(
        `Function '${name}': the local host has no ${binding.direction} binding '${binding.type}'.`,
      );
  }
  return { name, kind, metadata, callback, trigger: fillSettings(trigger, settings, name) };
}

function fillSettings(binding: Binding, settings: Settings, name: string): Binding {
  const filled = Object.entries(binding).map(([key, value]) => {
    if (typeof value !== "string") return [key, value];
    const text = value.replace(/%([^%]+)%/g, (_match, setting: string) => {
      const found = settings[setting];
      if (found === undefined)
        throw new Error(`Function '${name}': there is no setting '${setting}' for '${value}'.`);
      return found;
    });
    return [key, text];
  });
  return Object.fromEntries(filled) as Binding;
}

/** A text option of a trigger. */
export function option(trigger: Binding, name: string): string | undefined {
  const value = trigger[name];
  return typeof value === "string" ? value : undefined;
}

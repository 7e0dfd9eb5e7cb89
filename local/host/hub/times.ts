import type { HostConfig } from "../host-config.ts";

/** How the hub judges instances, all in milliseconds. */
export interface HubTimes {
  visibility: Record<"activity" | "orchestrator", { closed: number; silent: number }>;
  /** Between an instance's signs of life. */
  beatMs: number;
  freshMs: number;
  /** Between two looks at what has been out of sight too long. */
  sweepMs: number;
  singletonMs: number;
}

// What the extension has where host.json says nothing (DurableTask.AzureStorage's settings).
const defaultVisibility = 5 * 60_000;
// A listener's lease lasts a minute on the platform (WJS SingletonOptions.cs): too long to wait for on a desk.
const defaultSingleton = 15_000;

/**
 * Visibility times come from LOCAL_HOST_DURABLE_VISIBILITY_SECONDS, else from host.json. Where neither says anything, a
 * killed instance's work is free at once, as it is after the kill of a host in one process, and only an instance that
 * hangs is waited for.
 */
export function hubTimes(durable: HostConfig["durable"], environment: NodeJS.ProcessEnv): HubTimes {
  const seconds = environment["LOCAL_HOST_DURABLE_VISIBILITY_SECONDS"];
  const own = seconds === undefined ? undefined : Number(seconds) * 1000;
  if (own !== undefined && !(own > 0)) {
    const message = `LOCAL_HOST_DURABLE_VISIBILITY_SECONDS must be a number above 0, not "${seconds}".`;
    throw Object.assign(new Error(message), { name: "ConfigurationError" });
  }
  const visibilityOf = (configured: number | undefined) => {
    const time = own ?? configured;
    return { closed: time ?? 0, silent: time ?? defaultVisibility };
  };
  const visibility = {
    activity: visibilityOf(durable.workItemVisibility),
    orchestrator: visibilityOf(durable.controlVisibility),
  };
  const shortest = Math.min(visibility.activity.silent, visibility.orchestrator.silent);
  const singletonMs = Math.min(defaultSingleton, shortest);
  // Several signs of life within the time in which one is needed: a busy machine delays them.
  const beatMs = Math.min(1000, shortest / 5);
  return { visibility, beatMs, freshMs: 3 * beatMs, sweepMs: beatMs / 2, singletonMs };
}

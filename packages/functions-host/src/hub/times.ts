import type { Hidden } from "../durable/after-kill.ts";
import type { HostConfig } from "../host-config.ts";

/** How the hub judges instances, all in milliseconds. */
export interface HubTimes {
  visibility: Record<"activity" | "orchestrator", { closed: number; silent: number }>;
  /** Between an instance's signs of life. */
  beatMs: number;
  freshMs: number;
  /** Between two looks at what has been out of sight too long. */
  cleanupMs: number;
  singletonMs: number;
}

// A listener's lease lasts a minute on the platform (WJS SingletonOptions.cs): too long to wait for on a desk.
const defaultSingleton = 15_000;

/**
 * For how long the work of an instance is hidden from others when it is killed or hangs: as host.json says. Tests shorten it by
 * LOCAL_HOST_DURABLE_VISIBILITY_SECONDS; with 0 a killed instance's work is free at once, and only one that hangs is waited for.
 */
function visibilityTimes(
  durable: HostConfig["durable"],
  environment: NodeJS.ProcessEnv,
): HubTimes["visibility"] {
  const seconds = environment["LOCAL_HOST_DURABLE_VISIBILITY_SECONDS"];
  const own = seconds === undefined ? undefined : Number(seconds) * 1000;
  if (own !== undefined && !(own >= 0)) {
    const message = `LOCAL_HOST_DURABLE_VISIBILITY_SECONDS must be a number, 0 or above, not "${seconds}".`;
    throw Object.assign(new Error(message), { name: "ConfigurationError" });
  }
  const visibilityOf = (configured: number) => ({
    closed: own ?? configured,
    silent: own === undefined || own === 0 ? configured : own,
  });
  return {
    activity: visibilityOf(durable.workItemVisibility),
    orchestrator: visibilityOf(durable.controlVisibility),
  };
}

export function hubTimes(durable: HostConfig["durable"], environment: NodeJS.ProcessEnv): HubTimes {
  const visibility = visibilityTimes(durable, environment);
  const shortest = Math.min(visibility.activity.silent, visibility.orchestrator.silent);
  const singletonMs = Math.min(defaultSingleton, shortest);
  // Several signs of life within the time in which one is needed: a busy machine delays them.
  const beatMs = Math.min(1000, shortest / 5);
  return { visibility, beatMs, freshMs: 3 * beatMs, cleanupMs: beatMs / 2, singletonMs };
}

/** The same, for a process that begins where another was killed. */
export function hiddenAfterKill(durable: HostConfig["durable"], environment: NodeJS.ProcessEnv): Hidden {
  const { activity, orchestrator } = visibilityTimes(durable, environment);
  return { activity: activity.closed, orchestrator: orchestrator.closed };
}

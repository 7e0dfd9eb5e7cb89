import type { Darkroom } from "../../local/darkroom.ts";
import { type Aim, NotHere } from "./aim.ts";
import type { LiveOptions } from "./darkroom.ts";

/** Throws unless somebody answers: where everything is skipped, nobody would be missed. */
export async function findHost({ url }: Aim): Promise<void> {
  await fetch(new URL("/api/health", url)).catch((cause: unknown) => {
    throw new Error(`Nothing answers at ${url}, where DARKROOM_URL aims the tests.`, { cause });
  });
}

/** What the options ask of a host that can't be asked of one that runs already. */
export function ownHostNeeded(options: LiveOptions): string | undefined {
  const { settings = {}, simulatorArgs, deployments, hostArgs, data, onRestart, instances } = options;
  const names = Object.keys(settings);
  if (names.length > 0) return `needs a host with settings of its own (${names.join(", ")})`;
  if (onRestart) return "kills the host";
  if (instances !== undefined) return "needs a host of several instances";
  if (deployments || hostArgs) return "needs a host with deployments or arguments of its own";
  if (simulatorArgs) return "needs a simulator with arguments of its own";
  if (data !== undefined) return "reads the host's data folder";
  return undefined;
}

/** What the options ask for that Microsoft's host has no such thing as. */
export function embeddedHostNeeded({ hostArgs, instances }: LiveOptions): string | undefined {
  if (instances !== undefined) return "needs the embedded host's instances";
  return hostArgs ? "needs the embedded host's arguments" : undefined;
}

/** A host that runs already, as one that was started here: what isn't given throws when it is asked for. */
export function aimedDarkroom(aim: Aim): Darkroom {
  const given = (value: string | undefined, name: string, use: string) => {
    if (value === undefined) throw new NotHere(`needs ${use}, and DARKROOM_${name} isn't given`);
    return value;
  };
  return {
    url: aim.url,
    get key() {
      return given(aim.key, "KEY", "a caller's key");
    },
    get storage() {
      return given(aim.storage, "STORAGE", "the storage account");
    },
    get simulator() {
      return given(aim.simulator, "SIMULATOR", "the simulator");
    },
    get webhookSecret(): string {
      throw new NotHere("needs the secret that signs webhooks");
    },
    // Where it isn't given, a host that wants it says so by itself (`fetchAsAdmin`).
    masterKey: () => aim.masterKey,
    hostPid() {
      throw new NotHere("needs the host's process");
    },
    get instances(): never {
      throw new NotHere("needs the host's processes");
    },
    ended: new Promise(() => undefined),
    stop: async () => undefined,
  };
}

/** Steers a simulator over HTTP. Gives its answer, and throws where it refuses. */
export async function askSimulator(
  simulator: string,
  method: string,
  path: string,
  body?: string,
): Promise<string> {
  const init = { method, ...(body !== undefined && { body }) };
  const reply = await fetch(`${simulator}/simulator/${path}`, init);
  if (!reply.ok) throw new Error(`The simulator answered ${reply.status}: ${await reply.text()}`);
  return reply.text();
}

// As the simulators of the tests' own hosts: quick, so that a suite is over soon.
const quick = { latency_scale: 0.2 };

/**
 * Makes a simulator in use as good as new: nothing in its ledger, no fault under way, quick. Returns what gives its
 * settings back.
 */
export async function borrowSimulator(
  simulator: string,
  settings: object = {},
): Promise<() => Promise<void>> {
  await askSimulator(simulator, "DELETE", "ledger");
  await askSimulator(simulator, "DELETE", "faults");
  const before = await askSimulator(simulator, "GET", "settings");
  await askSimulator(simulator, "PUT", "settings", JSON.stringify({ ...quick, ...settings }));
  return async () => {
    await askSimulator(simulator, "PUT", "settings", before);
  };
}

import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { startAzurite } from "./azurite.ts";
import { type Child, startChild } from "./child.ts";
import { lockFolder } from "./host/durable/lock-file.ts";
import { keptSecret, type Settings, sha256Hex, webhookSecretOf } from "./settings.ts";

export interface DarkroomOptions {
  /** Port of the Functions host; 0 takes a free one. */
  port?: number;
  /** Folder for everything that should outlive the run. Without it, nothing does. */
  data?: string;
  settings?: Settings;
  simulatorArgs?: string[];
  /** Deployments other than one for each generation of models; `place` puts one at the simulator. */
  deployments?: (place: PlaceAtSimulator) => object[];
  hostArgs?: string[];
  log?: Writable;
  /** The host is started again when it ends by itself, as the platform would. Told each time. */
  onRestart?: () => void;
}

export type PlaceAtSimulator = (name: string, model: string) => object;

export interface Darkroom {
  url: string;
  /** Key of the local caller; undefined when the settings bring their own API_KEYS. */
  key: string | undefined;
  /** What signs the local caller's webhooks; undefined when the settings bring their own callers or secrets. */
  webhookSecret: string | undefined;
  /** Connection string. */
  storage: string;
  /** Address of the simulated service; undefined when the settings name a real one. */
  simulator: string | undefined;
  hostPid: () => number;
  /** Rejects when the host can't be brought back; never settles otherwise before `stop`. */
  ended: Promise<void>;
  stop(): Promise<void>;
}

// A host that can't start this often in a row won't start at all.
const mostFailedStarts = 5;

const appFolder = fileURLToPath(new URL("..", import.meta.url));

/** Everything a newcomer needs, on this machine: storage, image service, host, app. */
export async function startDarkroom(options: DarkroomOptions = {}): Promise<Darkroom> {
  const { settings = {}, log } = options;
  const isLasting = options.data !== undefined;
  const data =
    options.data === undefined ? await mkdtemp(join(tmpdir(), "darkroom-")) : resolve(options.data);
  const folder = async (name: string) => {
    await mkdir(join(data, name), { recursive: true });
    return join(data, name);
  };
  // First of all: two launchers on one folder would write over each other's storage.
  const unlock = lockFolder(data);
  const started: Child[] = [];
  let isStopping = false;
  const track = async <C extends Child>(starting: Promise<C>): Promise<C> => {
    const child = await starting;
    started.push(child);
    return child;
  };
  const stopAll = async () => {
    for (const child of started.reverse()) await child.stop();
    unlock();
    if (!isLasting) await rm(data, { recursive: true, force: true });
  };

  try {
    const bringsService =
      settings["AZURE_OPENAI_ENDPOINT"] !== undefined || settings["IMAGE_DEPLOYMENTS"] !== undefined;
    const bringsStorage = !isEmulated(settings["AzureWebJobsStorage"]);
    const bringsImages =
      settings["IMAGES_STORAGE__blobServiceUri"] !== undefined || !isEmulated(settings["IMAGES_STORAGE"]);
    const [azurite, simulator] = await Promise.all([
      bringsStorage
        ? undefined
        : track(startAzurite(isLasting ? await folder("azurite") : undefined, { ...(log && { log }) })),
      bringsService ? undefined : track(startSimulator(options.simulatorArgs, log)),
    ]);
    const storage = azurite?.connectionString ?? settings["AzureWebJobsStorage"] ?? "";
    const key = settings["API_KEYS"] === undefined ? await keptSecret(data, "key") : undefined;
    const webhookSecret =
      key !== undefined && settings["WEBHOOK_SECRETS"] === undefined
        ? webhookSecretOf(await keptSecret(data, "webhook-secret"))
        : undefined;
    const hostSettings: Settings = {
      SIGNING_KEY: await keptSecret(data, "signing-key"),
      ...(key !== undefined && { API_KEYS: JSON.stringify({ local: sha256Hex(key) }) }),
      ...(webhookSecret !== undefined && { WEBHOOK_SECRETS: JSON.stringify({ local: webhookSecret }) }),
      ...(simulator && simulatorSettings(simulator, options.deployments)),
      ...settings,
      ...(azurite && { AzureWebJobsStorage: storage }),
      ...(azurite && !bringsImages && { IMAGES_STORAGE: storage }),
    };
    const host = await superviseHost(options, hostSettings, await folder("host"));
    // The host is brought back when it ends; without storage or service there is nothing to bring it back to.
    const ended = Promise.race([host.ended, ...started.map((child) => lostChild(child, () => isStopping))]);
    // Whoever waits for the end is told; a rejection that nobody waits for must not end the process by itself.
    ended.catch(() => undefined);
    return {
      url: host.url,
      key,
      webhookSecret,
      storage,
      simulator: simulator && String(simulator.ready["url"]),
      hostPid: host.pid,
      ended,
      async stop() {
        isStopping = true;
        await host.stop();
        await stopAll();
      },
    };
  } catch (error) {
    await stopAll();
    throw error;
  }
}

function isEmulated(connectionString = ""): boolean {
  return /^(UseDevelopmentStorage=true;?)?$/.test(connectionString);
}

async function lostChild(child: Child, isExpected: () => boolean): Promise<void> {
  await child.exited;
  if (!isExpected())
    throw new Error("The storage emulator or the simulator ended by itself; the log tells why.");
}

function startSimulator(args: string[] = [], log: Writable | undefined): Promise<Child> {
  return startChild("simulator/main.ts", { args, ...(log && { log }) });
}

const usualDeployments = (place: PlaceAtSimulator): object[] => [
  place("dalle3", "dall-e-3"),
  place("dall-e-2", "dall-e-2"),
  place("gpt-image", "gpt-image-1"),
];

/** Settings that lead to the simulator; by default, one deployment for each generation of models. */
function simulatorSettings({ ready }: Child, deployments = usualDeployments): Settings {
  const place: PlaceAtSimulator = (name, model) => ({
    name,
    model,
    endpoint: String(ready["url"]),
    api_key_setting: "SIMULATOR_KEY",
  });
  return {
    SIMULATOR_KEY: String(ready["apiKey"]),
    IMAGE_DEPLOYMENTS: JSON.stringify(deployments(place)),
  };
}

async function superviseHost(
  { port = 7071, log, hostArgs = [], onRestart }: DarkroomOptions,
  settings: Settings,
  data: string,
): Promise<{ url: string; pid: () => number; ended: Promise<void>; stop: () => Promise<void> }> {
  const start = (atPort: number) =>
    startChild("host/main.ts", {
      args: ["--app", appFolder, "--port", String(atPort), "--data", data, ...hostArgs],
      env: { ...process.env, ...settings },
      ...(log && { log }),
    });
  let host = await start(port);
  const url = String(host.ready["url"]);
  const stopping = new AbortController();
  const isStopping = () => stopping.signal.aborted;

  const bringBack = async (): Promise<Child> => {
    for (let failures = 1; ; failures += 1) {
      try {
        return await start(Number(new URL(url).port));
      } catch (error) {
        if (failures === mostFailedStarts || isStopping()) throw error;
      }
    }
  };
  const supervise = async () => {
    for (;;) {
      await host.exited;
      if (isStopping()) return;
      onRestart?.();
      host = await bringBack();
      if (isStopping()) await host.stop();
    }
  };
  const supervised = supervise();

  return {
    url,
    pid: () => host.pid,
    ended: supervised,
    async stop() {
      stopping.abort();
      await host.stop();
      await supervised.catch(() => undefined);
    },
  };
}

import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Writable } from "node:stream";
import { allowOrigins } from "./cors.ts";
import { type Azurite, startAzurite } from "./azurite.ts";
import { type Child, startChild } from "./child.ts";
import { lockFolder } from "../packages/functions-host/src/durable/lock-file.ts";
import type { Reach } from "./reach.ts";
import { keptSecret, type Settings, sha256Hex, webhookSecretOf } from "./settings.ts";

export interface LocalStackOptions {
  /** Folder for everything that should outlive the run. Without it, nothing does. */
  data?: string;
  settings?: Settings;
  simulatorArgs?: string[];
  /** Deployments other than one for each generation of models; `place` puts one at the simulator. */
  deployments?: (place: PlaceAtSimulator) => object[];
  log?: Writable;
  /** Where other machines reach this one, and what is listened at for them. */
  reach?: Reach | undefined;
}

export type PlaceAtSimulator = (name: string, model: string) => object;

export interface LocalStack {
  /** Key of the local caller; undefined when the settings bring their own API_KEYS. */
  key: string | undefined;
  /** What signs the local caller's webhooks; undefined when the settings bring their own callers or secrets. */
  webhookSecret: string | undefined;
  /** Connection string. */
  storage: string;
  /** Address of the simulated service; undefined when the settings name a real one. */
  simulator: string | undefined;
  /** What a host is to be started with. */
  settings: Settings;
  /** A folder for the one who runs here; it lasts as long as the others. */
  folder(name: string): Promise<string>;
  /** Rejects when one of them ends by itself; never settles otherwise before `stop`. */
  lost: Promise<void>;
  stop(): Promise<void>;
}

/** What the app needs around its host, whichever host that is: storage, image service, keys. */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const { settings = {}, log } = options;
  const isLasting = options.data !== undefined;
  const data =
    options.data === undefined ? await mkdtemp(join(tmpdir(), "darkroom-")) : resolve(options.data);
  const folder = async (name: string) => {
    await mkdir(join(data, name), { recursive: true });
    return join(data, name);
  };
  // First of all: two launchers on one folder would write over each other's storage.
  const lock = lockFolder(data);
  const started: Child[] = [];
  let isStopping = false;
  const track = async <C extends Child>(starting: Promise<C>): Promise<C> => {
    const child = await starting;
    started.push(child);
    return child;
  };
  const stop = async () => {
    isStopping = true;
    for (const child of started.reverse()) await child.stop();
    lock.release();
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
        : track(
            startAzurite(isLasting ? await folder("azurite") : undefined, {
              ...(log && { log }),
              blobAddress: options.reach?.address,
            }),
          ),
      bringsService ? undefined : track(startSimulator(options.simulatorArgs, log)),
    ]);
    const storage = azurite?.connectionString ?? settings["AzureWebJobsStorage"] ?? "";
    const key = settings["API_KEYS"] === undefined ? await keptSecret(data, "key") : undefined;
    const webhookSecret =
      key !== undefined && settings["WEBHOOK_SECRETS"] === undefined
        ? webhookSecretOf(await keptSecret(data, "webhook-secret"))
        : undefined;
    const lost = Promise.race(started.map((child) => lostChild(child, () => isStopping)));
    // Anyone who waits for the end is told; a rejection that nobody waits for must not end the process by itself.
    lost.catch(() => undefined);
    const images = azurite && !bringsImages ? storage : settings["IMAGES_STORAGE"];
    await allowOrigins(images, settings["CORS_ORIGINS"] ?? "");
    return {
      key,
      webhookSecret,
      storage,
      simulator: simulator && String(simulator.ready["url"]),
      settings: {
        SIGNING_KEY: await keptSecret(data, "signing-key"),
        ...(key !== undefined && {
          API_KEYS: JSON.stringify({ local: sha256Hex(key) }),
          OPERATOR_CALLER: "local",
        }),
        ...(webhookSecret !== undefined && { WEBHOOK_SECRETS: JSON.stringify({ local: webhookSecret }) }),
        ...(simulator && simulatorSettings(simulator, options.deployments)),
        ...(azurite && options.reach && { LINK_ORIGIN: linkOrigin(azurite, options.reach) }),
        ...settings,
        ...(azurite && { AzureWebJobsStorage: storage }),
        ...(azurite && !bringsImages && { IMAGES_STORAGE: storage }),
      },
      folder,
      lost,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Links lead to the name that other machines know this one by. */
function linkOrigin({ blobs }: Azurite, { name }: Reach): string {
  return `http://${name}:${new URL(blobs).port}`;
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
  return startChild("../packages/azure-openai-simulator/src/main.ts", { args, ...(log && { log }) });
}

const defaultDeployments = (place: PlaceAtSimulator): object[] => [
  place("dalle3", "dall-e-3"),
  place("dall-e-2", "dall-e-2"),
  place("gpt-image", "gpt-image-1"),
  // The others are retired, or about to be.
  place("gpt-image-2", "gpt-image-2"),
];

/** Settings that lead to the simulator; by default, one deployment for each generation of models. */
function simulatorSettings({ ready }: Child, deployments = defaultDeployments): Settings {
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

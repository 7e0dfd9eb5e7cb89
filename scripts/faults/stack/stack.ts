import { mkdtemp, mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startAzurite } from "../../../local/azurite.ts";
import { startChild } from "../../../local/child.ts";
import { startDarkroom } from "../../../local/darkroom.ts";
import type { Instance } from "../../../local/instances.ts";
import { Scopes } from "../proxy/run-scope.ts";
import { startStorageProxy } from "../proxy/storage-proxy.ts";
import { startUpstreamProxy } from "../proxy/upstream-proxy.ts";
import { LogWatch } from "./log-watch.ts";
import { startWebhookReceiver, type WebhookReceiver } from "./webhook-receiver.ts";

export interface StackOptions {
  /** Folder of the app, built; this repository by default. */
  app?: string | undefined;
  /** How long a job may try. */
  deadlineSeconds?: number;
  /** Multiplies how long the simulated service takes. */
  latencyScale?: number;
  /** Over and above those that lead to storage and service. */
  settings?: Record<string, string>;
  /** Without proxies: for measurements that they would disturb. */
  isDirect?: boolean;
  /** Processes that run the app on one hub and one storage. */
  instances?: number;
  /** Deployments in place of one for each generation of models, by name and model. */
  deployments?: [name: string, model: string][];
  /** What each deployment's entry says of its quota. */
  quota?: object;
}

/** A whole Darkroom whose storage and image service stand behind proxies. */
export interface Stack {
  /** One address for each process of the app. */
  urls: readonly string[];
  key: string;
  /** Straight to storage, past the proxies. */
  storage: string;
  /** Straight to the simulated service. */
  simulator: string;
  scopes: Scopes;
  receiver: WebhookReceiver;
  log: LogWatch;
  /** The app's own temporary folder. */
  temporary: string;
  deadlineSeconds: number;
  /** How often a process of the app ended, no matter who ended it. */
  restarts(): number;
  /** The processes of the app, in the order of their addresses. */
  instances: readonly Instance[];
  stop(): Promise<void>;
}

const usual: [name: string, model: string][] = [
  ["dalle3", "dall-e-3"],
  ["dall-e-2", "dall-e-2"],
  ["gpt-image", "gpt-image-1"],
];

export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const { deadlineSeconds = 90, latencyScale = 0.2, deployments = usual } = options;
  const folder = await mkdtemp(join(tmpdir(), "darkroom-faults-"));
  const temporary = join(folder, "tmp");
  const undo: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const step of undo.reverse()) await step();
  };
  const track = async <T>(starting: Promise<T>, end: (started: T) => Promise<unknown>): Promise<T> => {
    const started = await starting;
    undo.push(() => end(started));
    return started;
  };
  try {
    await mkdir(temporary);
    const log = new LogWatch();
    const scopes = new Scopes();
    const azurite = await track(startAzurite(undefined), (child) => child.stop());
    const simulated = startChild("../packages/azure-openai-simulator/src/main.ts", {
      args: ["--latency-scale", String(latencyScale)],
    });
    const service = await track(simulated, (child) => child.stop());
    const simulator = String(service.ready["url"]);
    const storage = await track(startStorageProxy(azurite.connectionString, scopes), (proxy) =>
      proxy.close(),
    );
    const upstream = await track(startUpstreamProxy(simulator, scopes), (proxy) => proxy.close());
    const receiver = await track(startWebhookReceiver(), (server) => server.close());
    let restarts = 0;
    const darkroom = await track(
      startDarkroom({
        port: 0,
        log,
        instances: options.instances ?? 1,
        ...(options.app !== undefined && { app: options.app }),
        onRestart: () => (restarts += 1),
        settings: {
          AzureWebJobsStorage: azurite.connectionString,
          IMAGES_STORAGE: options.isDirect ? azurite.connectionString : storage.connectionString,
          SIMULATOR_KEY: String(service.ready["apiKey"]),
          IMAGE_DEPLOYMENTS: JSON.stringify(
            deployments.map(([name, model]) => ({
              name,
              model,
              endpoint: options.isDirect ? simulator : upstream.url,
              api_key_setting: "SIMULATOR_KEY",
              ...options.quota,
            })),
          ),
          URL_ALLOWLIST: receiver.origin,
          JOB_DEADLINE_SECONDS: String(deadlineSeconds),
          EDIT_INBOX_CALLER: "local",
          TMPDIR: temporary,
          // What a blow cuts off is taken up at once: what happens then is the question, and not when.
          LOCAL_HOST_DURABLE_VISIBILITY_SECONDS: "0",
          ...options.settings,
        },
      }),
      (started) => started.stop(),
    );
    receiver.verifyWith(darkroom.webhookSecret ?? "");
    log.seek("a caller's key", darkroom.key ?? "");
    return {
      urls: darkroom.instances.map(({ url }) => url),
      key: darkroom.key ?? "",
      storage: azurite.connectionString,
      simulator,
      scopes,
      receiver,
      log,
      temporary,
      deadlineSeconds,
      restarts: () => restarts,
      instances: darkroom.instances,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

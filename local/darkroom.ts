import { fileURLToPath } from "node:url";
import { findFunc, startCoreTools } from "./core-tools.ts";
import { loadKeys } from "../packages/functions-host/src/keys.ts";
import { type Instance, startInstances } from "./instances.ts";
import { makeInboxStorage } from "./inbox-storage.ts";
import type { Settings } from "./settings.ts";
import { startLocalStack, type LocalStack, type LocalStackOptions } from "./local-stack.ts";

export interface DarkroomOptions extends LocalStackOptions {
  /** Port of the Functions host; 0 takes a free one. */
  port?: number;
  /** Folder of the app, built: this repository, or a package that was unzipped. By default what DARKROOM_APP names. */
  app?: string;
  /** Runs the app on Microsoft's host, if that is installed, and not on the embedded one. */
  coreTools?: boolean;
  /** Starts Microsoft's host again too when it ends by itself; the embedded one always is. */
  bringBack?: boolean;
  hostArgs?: string[];
  /** Processes that run the app and share its work, each at an address of its own; 1 by default. */
  instances?: number;
  /** The host is started again when it ends by itself, as the platform would. Told each time. */
  onRestart?: () => void;
}

export interface Darkroom extends Pick<LocalStack, "key" | "webhookSecret" | "storage" | "simulator"> {
  /** Of the first instance. */
  url: string;
  hostPid: () => number;
  /** Opens the host's `/admin` and the webhooks of its extensions; undefined where only the host knows it. */
  masterKey: () => string | undefined;
  /** The processes that run the app on the embedded host; empty on Microsoft's. */
  instances: Instance[];
  /** Rejects when the host can't be brought back; never settles otherwise before `stop`. */
  ended: Promise<void>;
  stop(): Promise<void>;
}

export interface SupervisedHost {
  url: string;
  pid: () => number;
  masterKey: () => string | undefined;
  instances: Instance[];
  ended: Promise<void>;
  stop: () => Promise<void>;
}

const ownFolder = fileURLToPath(new URL("..", import.meta.url));

/** Everything a newcomer needs, on this machine: storage, image service, host, app. */
export async function startDarkroom(options: DarkroomOptions = {}): Promise<Darkroom> {
  // Looked for first: where it isn't, nothing is started.
  const func = options.coreTools ? findFunc(process.env) : undefined;
  const localStack = await startLocalStack(options);
  const { key, webhookSecret, storage, simulator } = localStack;
  try {
    const { settings } = localStack;
    await makeInboxStorage(settings["IMAGES_STORAGE"]);
    const { port = 7071, app = process.env["DARKROOM_APP"] ?? ownFolder } = options;
    const host =
      func === undefined
        ? await embeddedHost({ ...options, port, app }, settings, await localStack.folder("host"))
        : await startCoreTools({ ...options, func, app, port, settings });
    // The host is brought back when it ends; without storage or service there is nothing to bring it back to.
    const ended = Promise.race([host.ended, localStack.lost]);
    // Anyone who waits for the end is told; a rejection that nobody waits for must not end the process by itself.
    ended.catch(() => undefined);
    return {
      url: host.url,
      key,
      webhookSecret,
      storage,
      simulator,
      hostPid: host.pid,
      masterKey: host.masterKey,
      instances: host.instances,
      ended,
      async stop() {
        await host.stop();
        await localStack.stop();
      },
    };
  } catch (error) {
    await localStack.stop();
    throw error;
  }
}

async function embeddedHost(
  {
    port,
    app,
    log,
    hostArgs = [],
    instances = 1,
    onRestart,
    reach,
  }: DarkroomOptions & { port: number; app: string },
  settings: Settings,
  data: string,
): Promise<SupervisedHost> {
  const running = await startInstances({
    ...{ app, port, settings, data, count: instances },
    hostArgs: reach ? ["--host", reach.address, ...hostArgs] : hostArgs,
    ...(log && { log }),
    ...(onRestart && { onRestart }),
  });
  const [first] = running.list;
  if (!first) throw new Error("At least one instance is needed.");
  return {
    url: first.url,
    pid: () => first.pid(),
    masterKey: () => loadKeys(data).master,
    instances: running.list,
    ended: running.ended,
    stop: () => running.stop(),
  };
}

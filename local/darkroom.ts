import { fileURLToPath } from "node:url";
import { type Child, startChild } from "./child.ts";
import { findFunc, startCoreTools } from "./core-tools.ts";
import type { Settings } from "./settings.ts";
import { startSurroundings, type Surroundings, type SurroundingsOptions } from "./surroundings.ts";

export interface DarkroomOptions extends SurroundingsOptions {
  /** Port of the Functions host; 0 takes a free one. */
  port?: number;
  /** Folder of the app, built: this repository, or a package that was unzipped. By default what DARKROOM_APP names. */
  app?: string;
  /** Runs the app on Microsoft's host, if that is installed, and not on the embedded one. */
  coreTools?: boolean;
  hostArgs?: string[];
  /** The host is started again when it ends by itself, as the platform would. Told each time. */
  onRestart?: () => void;
}

export interface Darkroom extends Pick<Surroundings, "key" | "webhookSecret" | "storage" | "simulator"> {
  url: string;
  hostPid: () => number;
  /** Rejects when the host can't be brought back; never settles otherwise before `stop`. */
  ended: Promise<void>;
  stop(): Promise<void>;
}

export interface SupervisedHost {
  url: string;
  pid: () => number;
  ended: Promise<void>;
  stop: () => Promise<void>;
}

// A host that can't start this often in a row won't start at all.
const mostFailedStarts = 5;

const ownFolder = fileURLToPath(new URL("..", import.meta.url));

/** Everything a newcomer needs, on this machine: storage, image service, host, app. */
export async function startDarkroom(options: DarkroomOptions = {}): Promise<Darkroom> {
  // Looked for first: where it isn't, nothing is started.
  const func = options.coreTools ? findFunc(process.env) : undefined;
  const surroundings = await startSurroundings(options);
  const { key, webhookSecret, storage, simulator } = surroundings;
  try {
    const { settings } = surroundings;
    const { port = 7071, app = process.env["DARKROOM_APP"] ?? ownFolder, log } = options;
    const host =
      func === undefined
        ? await superviseHost({ ...options, port, app }, settings, await surroundings.folder("host"))
        : await startCoreTools({ func, app, port, settings, ...(log && { log }) });
    // The host is brought back when it ends; without storage or service there is nothing to bring it back to.
    const ended = Promise.race([host.ended, surroundings.lost]);
    // Whoever waits for the end is told; a rejection that nobody waits for must not end the process by itself.
    ended.catch(() => undefined);
    return {
      url: host.url,
      key,
      webhookSecret,
      storage,
      simulator,
      hostPid: host.pid,
      ended,
      async stop() {
        await host.stop();
        await surroundings.stop();
      },
    };
  } catch (error) {
    await surroundings.stop();
    throw error;
  }
}

async function superviseHost(
  { port, app, log, hostArgs = [], onRestart }: DarkroomOptions & { port: number; app: string },
  settings: Settings,
  data: string,
): Promise<SupervisedHost> {
  const start = (atPort: number) =>
    startChild("host/main.ts", {
      args: ["--app", app, "--port", String(atPort), "--data", data, ...hostArgs],
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

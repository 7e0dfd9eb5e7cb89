import { accessSync, constants } from "node:fs";
import { createServer } from "node:http";
import { delimiter, join } from "node:path";
import type { Writable } from "node:stream";
import { type Child, startChild } from "./child.ts";
import { close, listen } from "../packages/functions-host/src/listen.ts";
import { type Settings, workerArguments } from "./settings.ts";
import { supervise, type Supervised } from "./supervised.ts";
import type { SupervisedHost } from "./darkroom.ts";

/** Where Azure Functions Core Tools' `func` is; throws a sentence that says what to install. */
export function findFunc(environment: NodeJS.ProcessEnv): string {
  const names = process.platform === "win32" ? ["func.exe", "func.cmd"] : ["func"];
  const folders = (environment["PATH"] ?? environment["Path"] ?? "").split(delimiter).filter(Boolean);
  const found = folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isProgram);
  if (found !== undefined) return found;
  throw new Error(
    'Azure Functions Core Tools were not found: install them (npm install --global azure-functions-core-tools@4), so that "func" is on the PATH, and start again.',
  );
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface CoreToolsOptions {
  func: string;
  /** Folder of the app, built. */
  app: string;
  /** 0 takes a free one. */
  port: number;
  settings: Settings;
  log?: Writable;
  /** Otherwise anyone who ends `func` wants it ended. */
  bringBack?: boolean;
  /** Told each time it is brought back. */
  onRestart?: () => void;
}

/** Starts the app on Microsoft's host. */
export async function startCoreTools(options: CoreToolsOptions): Promise<SupervisedHost> {
  const { func, app, settings, log, bringBack, onRestart } = options;
  const port = options.port === 0 ? await freePort() : options.port;
  const start = () =>
    startChild("core-tools-main.ts", {
      args: ["--func", func, "--app", app, "--port", String(port)],
      env: {
        ...workerArguments,
        ...process.env,
        FUNCTIONS_WORKER_RUNTIME: "node",
        // Or the host shows a page of its own in place of the gallery.
        AzureWebJobsDisableHomepage: "true",
        ...settings,
      },
      ...(log && { log }),
    });
  const host = bringBack ? await supervise(start, onRestart) : await watchOnce(start);
  return {
    url: String(host.child().ready["url"]),
    pid: () => Number(host.child().ready["pid"]),
    // Among the host's own secrets; Core Tools take everybody for an administrator.
    masterKey: () => undefined,
    instances: [],
    ended: host.ended,
    stop: () => host.stop(),
  };
}

async function watchOnce(start: () => Promise<Child>): Promise<Pick<Supervised, "child" | "ended" | "stop">> {
  const child = await start();
  let isStopping = false;
  const ended = child.exited.then(() => {
    if (!isStopping) throw new Error("func ended by itself; the log tells why.");
  });
  return {
    child: () => child,
    ended,
    async stop() {
      isStopping = true;
      await child.stop();
    },
  };
}

/** A port that was free just now: for a program that wants to be told one. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  const port = await listen(probe, 0);
  await close(probe);
  return port;
}

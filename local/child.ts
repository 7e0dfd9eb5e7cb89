import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { Writable } from "node:stream";
import { fileURLToPath } from "node:url";

export interface Child {
  pid: number;
  /** What the child said when it was ready. */
  ready: Readonly<Record<string, unknown>>;
  /** Settles when the child is gone, however it went. */
  exited: Promise<number | null>;
  /** Asks it to end, and ends it by force if it takes longer than `patienceMs`. */
  stop(patienceMs?: number): Promise<void>;
}

export interface ChildOptions {
  args?: string[];
  env?: NodeJS.ProcessEnv;
  /** Options of Node itself. */
  execArgv?: string[];
  /** Where its output goes. */
  log?: Writable;
}

/**
 * Starts one of our own modules as a process of its own and waits until it says `{ ready: true }`, or why it `failed`, over
 * IPC.
 *
 * It stands in a process group of its own, so that Ctrl-C reaches the launcher alone, which then stops its children in
 * order. Each child ends by itself when its IPC channel closes, so that a killed launcher leaves nothing behind.
 */
export async function startChild(
  module: string,
  { args = [], env, execArgv, log }: ChildOptions = {},
): Promise<Child> {
  const path = fileURLToPath(new URL(module, import.meta.url));
  const child = fork(path, args, {
    env: env ?? process.env,
    ...(execArgv && { execArgv }),
    detached: true,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output.push(text);
      output.splice(0, output.length - 50);
      log?.write(text);
    });
  }
  const exited = once(child, "exit").then(([code]) => code as number | null);
  const ready = await Promise.race([readyMessage(child), exited]).catch(async (error: unknown) => {
    await exited;
    throw error;
  });
  if (ready === null || typeof ready === "number") {
    throw new Error(`${module} ended before it was ready:\n${output.join("").trim()}`);
  }
  return { pid: child.pid ?? 0, ready, exited, stop: (patienceMs) => stop(child, exited, patienceMs) };
}

/** Rejects where it says that it failed; it ends then. */
function readyMessage(child: ChildProcess): Promise<Readonly<Record<string, unknown>>> {
  return new Promise((resolve, reject) => {
    child.on("message", (message) => {
      if (typeof message !== "object") return;
      if ("ready" in message) resolve(message);
      // In its own words, which then stand for all that it has printed.
      if ("failed" in message) reject(new Error(String(message.failed)));
    });
  });
}

async function stop(child: ChildProcess, exited: Promise<unknown>, patienceMs = 8_000): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), patienceMs);
  await exited;
  clearTimeout(timer);
}

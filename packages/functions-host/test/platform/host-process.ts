import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const hubMain = fileURLToPath(new URL("../../src/hub/main.ts", import.meta.url));
const fixture = fileURLToPath(new URL("../../../../test/fixtures/host-app", import.meta.url));

export interface HostOptions {
  /** Variation of the fixture app. */
  mode?: string;
  env?: Record<string, string>;
  /** Kept over restarts when given. */
  data?: string;
  args?: string[];
  port?: number;
  /** The task hub that instances attach to, and no app. */
  hub?: boolean;
}

export interface HostProcess {
  url: string;
  data: string;
  pid: number;
  /** Everything printed so far, both streams. */
  output: () => string;
  /** Resolves as soon as the text has been printed. */
  printed: (text: string) => Promise<void>;
  signal: (signal: NodeJS.Signals) => void;
  /** Drops the IPC channel, as a parent does by dying. */
  disconnect: () => void;
  /** Exit code, or null after a signal. */
  exited: Promise<number | null>;
}

/** How a host ended that never became ready. */
export class NeverReady extends Error {
  override name = "NeverReady";
  readonly code: number | null;
  readonly output: string;
  constructor(code: number | null, output: string) {
    super(`The host ended with code ${code} before it was ready:\n${output}`);
    this.code = code;
    this.output = output;
  }
}

/** Starts hosts in processes of their own; whatever the test leaves behind is killed by id after it. */
export function useHosts() {
  const folders: string[] = [];
  const left = new Map<ChildProcess, HostProcess["exited"]>();
  const killAll = async () => {
    for (const child of left.keys()) child.kill("SIGKILL");
    await Promise.all(left.values());
  };
  afterAll(async () => {
    await killAll();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
  const newFolder = () => {
    const folder = mkdtempSync(join(tmpdir(), "host-"));
    folders.push(folder);
    return folder;
  };
  return {
    newFolder,
    /** For tests that share nothing: a host that lives on takes time from the next. */
    killAll,
    async start(options: HostOptions = {}): Promise<HostProcess> {
      const data = options.data ?? newFolder();
      const port = options.hub ? [] : ["--port", String(options.port ?? 0)];
      const args = ["--app", fixture, ...port, "--data", data, ...(options.args ?? [])];
      const child = fork(options.hub ? hubMain : main, args, {
        env: {
          ...process.env,
          APP_MODE: options.mode ?? "stream",
          // What a killed host was at is taken up at once, unless a test is about just that.
          LOCAL_HOST_DURABLE_VISIBILITY_SECONDS: "0",
          ...options.env,
        },
        execArgv: [],
        stdio: ["ignore", "pipe", "pipe", "ipc"],
      });
      let text = "";
      const listeners = new Set<() => void>();
      for (const stream of [child.stdout, child.stderr]) {
        stream?.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
          for (const listener of listeners) listener();
        });
      }
      // Not "close": that event never comes once the channel has been disconnected.
      const streams = [child.stdout, child.stderr].filter((stream) => stream !== null);
      const ends = [once(child, "exit"), ...streams.map((stream) => once(stream, "end"))];
      const exited = Promise.all(ends).then(() => child.exitCode);
      left.set(child, exited);
      void exited.then(() => left.delete(child));
      const ready = new Promise<string>((resolve) => {
        child.on("message", (message) => {
          const { ready: isReady, url } = message as { ready?: boolean; url?: string };
          if (isReady === true) resolve(url ?? "");
        });
      });
      const url = await Promise.race([ready, exited]);
      if (typeof url !== "string") throw new NeverReady(url, text);
      return {
        url,
        data,
        pid: child.pid ?? 0,
        output: () => text,
        printed: (wanted) =>
          new Promise((resolve) => {
            const check = (): void => {
              if (!text.includes(wanted)) return;
              listeners.delete(check);
              resolve();
            };
            listeners.add(check);
            check();
          }),
        signal: (signal) => void child.kill(signal),
        disconnect: () => child.disconnect(),
        exited,
      };
    },
  };
}

/** Asks again until the answer is as wanted; the test's own timeout ends the asking. */
export async function eventually<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (wanted(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** What the fixture app has noted. */
export async function seen(url: string): Promise<string[]> {
  return (await (await fetch(`${url}/seen`)).json()) as string[];
}

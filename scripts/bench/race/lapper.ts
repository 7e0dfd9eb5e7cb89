import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { RacerOptions } from "./racer.ts";

/** A lap: so many calls, so many of them at once. Milliseconds. */
export interface Lap {
  latencies: number[];
  wallMs: number;
}

export interface Lapper {
  pid: number;
  lap(calls: number, inFlight: number): Promise<Lap>;
  stop(): Promise<void>;
}

/** Starts the process that asks in one way (racer.ts). */
export async function startLapper(way: string, url: string, options: RacerOptions = {}): Promise<Lapper> {
  const racer = fileURLToPath(new URL("racer.ts", import.meta.url));
  const child = fork(racer, [way, url, JSON.stringify(options)], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  await message(child, way);
  return {
    pid: child.pid ?? 0,
    async lap(calls, inFlight) {
      child.send({ calls, inFlight });
      return (await message(child, way)) as Lap;
    },
    async stop() {
      if (child.exitCode !== null) return;
      const exited = once(child, "exit");
      child.kill();
      await exited;
    },
  };
}

async function message(child: ChildProcess, way: string): Promise<unknown> {
  const over = new AbortController();
  const { signal } = over;
  const lost = once(child, "exit", { signal }).then(() => {
    throw new Error(`The racer "${way}" ended by itself.`);
  });
  lost.catch(() => undefined);
  const [said] = (await Promise.race([once(child, "message", { signal }), lost])) as [unknown];
  over.abort();
  return said;
}

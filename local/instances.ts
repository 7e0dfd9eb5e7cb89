import type { Writable } from "node:stream";
import { type Child, startChild } from "./child.ts";
import { nodeOptionsOf, type Settings, workerArguments } from "./settings.ts";
import { signal, supervise, type Supervised } from "./supervised.ts";
import { taggedLog } from "./tagged-log.ts";

/** One process that runs the app, with an HTTP front of its own. */
export interface Instance {
  url: string;
  /** Another after a restart. */
  pid(): number;
  /** Ends it without warning. It is started again on its port, as the platform would, unless told otherwise. */
  kill(how?: { restart: boolean }): Promise<void>;
  /** Stops its clock, as on a machine that hangs, until `resume`. */
  pause(): void;
  resume(): void;
  /** Lets it finish what is under way and ends it; it isn't started again. */
  stop(): Promise<void>;
}

export interface InstancesOptions {
  app: string;
  /** Of the first; the others take free ones. 0 takes a free one for it too. */
  port: number;
  count: number;
  hostArgs: string[];
  settings: Settings;
  /** Folder that all share. */
  data: string;
  log?: Writable;
  onRestart?: () => void;
}

export interface Instances {
  list: Instance[];
  ended: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Runs the app in one process, which is its own task hub, or in several, and then the hub is a process of its own: each
 * instance can be lost without the others. Where the hub is lost, all begin again from its journal.
 */
export async function startInstances(options: InstancesOptions): Promise<Instances> {
  const { app, data, settings, log, count, onRestart } = options;
  const env = { ...workerArguments, ...process.env, ...settings };
  const isShared = count > 1;
  let hub: Supervised | undefined;
  const started: Supervised[] = [];
  const stop = async () => {
    await Promise.all(started.map((each) => endCalmly(each)));
    // Last: instances hand in there what they finish.
    if (hub) await endCalmly(hub);
  };
  const startInstance = (index: number) => async (before?: Child) => {
    const port = before === undefined ? (index === 0 ? options.port : 0) : portOf(before);
    // Where the hub was lost, its instances are too, and there is nothing to attach to before it is back.
    await hub?.running();
    const own = log && (isShared ? taggedLog(log, `[${index + 1}] `) : log);
    const attach = isShared ? ["--attach"] : [];
    return startChild("../packages/functions-host/src/main.ts", {
      args: ["--app", app, "--port", String(port), "--data", data, ...attach, ...options.hostArgs],
      execArgv: nodeOptionsOf(env),
      env: isShared ? { ...env, WEBSITE_INSTANCE_ID: `instance-${index + 1}` } : env,
      ...(own && { log: own }),
    });
  };
  const startHub = () =>
    startChild("../packages/functions-host/src/hub/main.ts", {
      args: ["--app", app, "--data", data],
      env,
      ...(log && { log: taggedLog(log, "[hub] ") }),
    });
  try {
    if (isShared) hub = await supervise(startHub, onRestart);
    for (let index = 0; index < count; index += 1) {
      started.push(await supervise(startInstance(index), onRestart));
    }
    const all = hub ? [hub, ...started] : started;
    return { list: started.map(steer), ended: Promise.race(all.map(failed)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function steer(instance: Supervised): Instance {
  const send = (name: NodeJS.Signals) => signal(instance.child(), name);
  return {
    url: String(instance.child().ready["url"]),
    pid: () => instance.child().pid,
    async kill({ restart } = { restart: true }) {
      const { exited } = instance.child();
      if (!restart) return instance.kill();
      send("SIGKILL");
      await exited;
    },
    pause: () => send("SIGSTOP"),
    resume: () => send("SIGCONT"),
    stop: () => endCalmly(instance),
  };
}

/** One that is paused hears no request to end. */
async function endCalmly(supervised: Supervised): Promise<void> {
  signal(supervised.child(), "SIGCONT");
  await supervised.stop();
}

/** Rejects when it can't be brought back; one that was ended on purpose is no failure. */
function failed({ ended }: Supervised): Promise<never> {
  return new Promise((_, reject) => {
    ended.catch(reject);
  });
}

function portOf({ ready }: Child): number {
  return Number(new URL(String(ready["url"])).port);
}

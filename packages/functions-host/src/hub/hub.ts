import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { systemClock } from "../durable/clock.ts";
import { createDurableEngine } from "../durable/engine.ts";
import type { DurableEngine } from "../durable/engine.ts";
import { openJournalStore } from "../durable/store.ts";
import { readHostConfig } from "../host-config.ts";
import { loadKeys } from "../keys.ts";
import { createLog } from "../log.ts";
import { newSecret, removeAddress, writeAddress } from "./address.ts";
import { createDispatcher } from "./dispatcher.ts";
import { dispatchedFunctions } from "./dispatched-functions.ts";
import { admit } from "./admission.ts";
import type { Attached } from "./admission.ts";
import { createSingleton } from "./singleton.ts";
import { hiddenAfterKill, hubTimes } from "./times.ts";

export interface HubOptions {
  appDirectory: string;
  dataDirectory: string;
  environment: NodeJS.ProcessEnv;
  /** As with a host in one process: a start is answered before it runs. */
  startDelay: number;
  write: (text: string) => void;
}

export interface RunningHub {
  /** Hands out nothing more, and waits up to `grace` milliseconds for what is under way. */
  drain(grace: number): Promise<void>;
}

/**
 * Starts a task hub that owns the journal and runs no app: app processes attach to it, one or many, and take its work.
 * Only orchestrations and activities pass here; queues and blobs are competed for at the storage account itself.
 */
export async function startHub(options: HubOptions): Promise<RunningHub> {
  const { dataDirectory, environment } = options;
  const config = readHostConfig(options.appDirectory);
  const logLine = createLog(options.write, config.logFilter);
  const log = (text: string) => logLine("information", "Host.TaskHub", text);
  const store = openJournalStore(join(dataDirectory, "durable"));
  // Made here, before several instances could each make their own.
  loadKeys(dataDirectory);
  const now = () => performance.now();
  const times = hubTimes(config.durable, environment);
  const dispatcher = createDispatcher({
    now,
    log,
    limits: {
      activity: config.durable.maxConcurrentActivities,
      orchestrator: config.durable.maxConcurrentOrchestrators,
    },
    ...times,
  });
  const joined = new Set<Attached>();
  const singleton = createSingleton<Attached>(now, times.singletonMs, (instance, held) =>
    instance.notify({ type: "singleton", held }),
  );
  let engine: DurableEngine | undefined;

  const dropExpired = (): void => {
    dispatcher.dropExpired();
    singleton.settle([...joined]);
  };
  let lastCleanup = now();
  const cleaning = setInterval(() => {
    const slept = now() - lastCleanup > 3 * times.cleanupMs;
    lastCleanup = now();
    // A hub that was held up itself has heard of nobody meanwhile, and can blame nobody for it.
    if (slept) for (const each of joined) each.seenAt = now();
    dropExpired();
  }, times.cleanupMs);

  const secret = newSecret();
  const server = createServer((socket) =>
    admit(socket, {
      secret,
      now,
      welcome: { type: "welcome", beatMs: times.beatMs, singletonMs: times.singletonMs },
      engine() {
        if (!engine) throw new Error("No instance has joined.");
        return engine;
      },
      joined(instance, functions) {
        log(`${instance.name} joined`);
        joined.add(instance);
        dispatcher.join(instance);
        // Not before: without an app, every orchestration in the journal would fail for want of its function.
        engine ??= createDurableEngine({
          clock: systemClock,
          store,
          invoke: dispatchedFunctions(dispatcher.run, functions),
          options: {
            startDelay: options.startDelay,
            // Its instances went with the hub before, and nobody handed anything back.
            hiddenAfterKill: hiddenAfterKill(config.durable, environment),
            maxConcurrentActivities: Infinity,
            maxConcurrentOrchestrators: Infinity,
          },
        });
        dropExpired();
      },
      seen: (instance) => dispatcher.renew(instance),
      completed: (instance, { lease, outcome }) => dispatcher.complete(instance, lease, outcome),
      leaving(instance) {
        instance.isLeaving = true;
        dropExpired();
      },
      closed(instance) {
        log(`${instance.name} ${instance.isLeaving ? "left" : "is gone"}`);
        joined.delete(instance);
        dispatcher.close(instance);
        dropExpired();
      },
    }),
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
  writeAddress(dataDirectory, { port, secret });
  log("Task hub ready");
  return {
    async drain(grace) {
      // Before anything else: nobody new is to come.
      removeAddress(dataDirectory);
      server.close();
      dispatcher.stop();
      const patience = AbortSignal.timeout(grace);
      void engine?.stop();
      while (dispatcher.underWay() > 0 && !patience.aborted)
        await new Promise((next) => setTimeout(next, 20));
      clearInterval(cleaning);
      await Promise.all([...joined].map((each) => each.end()));
      store.close();
    },
  };
}

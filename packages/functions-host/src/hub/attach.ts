import { connect } from "node:net";
import { DurableRefusal } from "../durable/client.ts";
import type { DurableFunctions } from "../durable/functions.ts";
import { hubMethods } from "../durable/hub-client.ts";
import type { HubClient, HubMethod } from "../durable/hub-client.ts";
import { readAddress } from "./address.ts";
import type { HubAddress } from "./address.ts";
import { openChannel } from "./channel.ts";
import type { FromHub, FromInstance, Outcome, Work } from "./messages.ts";
import type { TaskHubConnection } from "./own-hub.ts";

/** The hub ended. Its journal holds all that matters, and an instance without a hub can do nothing: it ends too. */
export class HubLost extends Error {
  override name = "HubLost";
}

interface Asked {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Attaches this process to the hub that owns a data folder. Throws where there is none, or it refuses. */
export async function attachToHub(dataDirectory: string): Promise<TaskHubConnection> {
  const address = readAddress(dataDirectory);
  if (!address) throw plain(`No task hub that could be shared runs on ${dataDirectory}.`);
  const asked = new Map<number, Asked>();
  let lastAsked = 0;
  const underWay = new Set<Promise<void>>();
  let functions: DurableFunctions | undefined;
  let isLeaving = false;
  const singleton = { held: false, provenAt: -Infinity };
  let singletonChanged: (held: boolean) => void = () => undefined;
  let beating: NodeJS.Timeout | undefined;

  const hear = (message: FromHub): void => {
    switch (message.type) {
      case "work": {
        const work: Promise<void> = perform(functions, message.work)
          .then((outcome) => link.send({ type: "result", lease: message.lease, outcome }))
          .finally(() => underWay.delete(work));
        underWay.add(work);
        return;
      }
      case "answer": {
        const { id, value, refusal, error } = message;
        const waiting = asked.get(id);
        asked.delete(id);
        if (refusal) waiting?.reject(new DurableRefusal(refusal.kind, refusal.message));
        else if (error !== undefined) waiting?.reject(new Error(error));
        else waiting?.resolve(value);
        return;
      }
      case "singleton":
        singleton.held = message.held;
        singletonChanged(message.held);
        return;
      case "beat":
        singleton.provenAt = message.at;
        return;
      default:
    }
  };
  const link = await openLink(address, hear, () => {
    clearInterval(beating);
    if (isLeaving) return;
    queueMicrotask(() => {
      throw new HubLost("The task hub ended, and this instance with it.");
    });
  });
  const { beatMs, singletonMs } = link.welcome;
  const beat = () => link.send({ type: "beat", at: performance.now() });
  const client = askingClient((method, args) => {
    lastAsked += 1;
    const id = lastAsked;
    link.send({ type: "ask", id, method, args: args.map((each) => (each === undefined ? [] : [each])) });
    return new Promise((resolve, reject) => asked.set(id, { resolve, reject }));
  });
  return {
    join(own) {
      functions = own;
      const names = { orchestrator: own.names("orchestrator"), activity: own.names("activity") };
      link.send({ type: "join", functions: names });
      beating = setInterval(beat, beatMs);
      beat();
      return client;
    },
    onSingleton(changed) {
      singletonChanged = changed;
      changed(singleton.held);
    },
    // The hub gives it to another after `singletonMs` of silence, so this side must have let go by then.
    holdsSingleton: () => singleton.held && performance.now() - singleton.provenAt < singletonMs,
    async stop() {
      isLeaving = true;
      link.send({ type: "leave" });
      await Promise.all(underWay);
    },
    close: () => link.end(),
  };
}

async function perform(functions: DurableFunctions | undefined, work: Work): Promise<Outcome> {
  try {
    if (!functions) throw new Error("Work came before the app had joined.");
    const { kind, name } = work;
    return {
      value: await (kind === "activity"
        ? functions.act(name, work.call)
        : functions.orchestrate(name, work.trigger)),
    };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

function askingClient(ask: (method: HubMethod, args: unknown[]) => Promise<unknown>): HubClient {
  const methods = hubMethods.map((method) => [method, (...args: unknown[]) => ask(method, args)]);
  return Object.fromEntries(methods) as HubClient;
}

interface Link {
  welcome: FromHub & { type: "welcome" };
  send(message: FromInstance): void;
  end(): Promise<void>;
}

/** Connects and shows the secret. What comes after the welcome goes to `hear`. */
function openLink(
  { port, secret }: HubAddress,
  hear: (message: FromHub) => void,
  lost: () => void,
): Promise<Link> {
  return new Promise((resolve, reject) => {
    let isWelcome = false;
    const socket = connect({ port, host: "127.0.0.1" });
    const channel = openChannel<FromHub, FromInstance>(socket, {
      onMessage(message) {
        if (message.type === "refused")
          reject(plain(`The task hub refused this instance: ${message.reason}.`));
        if (message.type === "welcome") {
          isWelcome = true;
          resolve({ welcome: message, send: (sent) => channel.send(sent), end: () => channel.end() });
        }
        if (isWelcome) hear(message);
      },
      onClose() {
        if (isWelcome) lost();
        else reject(plain("The task hub doesn't answer."));
      },
    });
    socket.once("connect", () => channel.send({ type: "hello", secret, pid: process.pid }));
  });
}

/** A mistake that is told in its own words. */
function plain(message: string): Error {
  return Object.assign(new Error(message), { name: "ConfigurationError" });
}

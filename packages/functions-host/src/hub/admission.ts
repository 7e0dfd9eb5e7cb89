import type { Socket } from "node:net";
import { DurableRefusal } from "../durable/client.ts";
import type { DurableEngine } from "../durable/engine.ts";
import { hubMethods } from "../durable/hub-client.ts";
import type { HubClient } from "../durable/hub-client.ts";
import { isSecret } from "./address.ts";
import { openChannel } from "./channel.ts";
import type { Instance } from "./dispatcher.ts";
import type { FromHub, FromInstance, FunctionNames } from "./messages.ts";

export interface AdmissionDeps {
  secret: string;
  welcome: FromHub & { type: "welcome" };
  joined(instance: Attached, functions: FunctionNames): void;
  seen(instance: Attached): void;
  completed(instance: Attached, message: FromInstance & { type: "result" }): void;
  leaving(instance: Attached): void;
  closed(instance: Attached): void;
  engine(): DurableEngine;
  now: () => number;
}

export interface Attached extends Instance {
  notify(message: FromHub): void;
  end(): Promise<void>;
}

// A stranger's first words: enough for the secret, little to keep, and soon.
const helloBytes = 4096;
const helloMs = 5_000;

/** Takes one connection in: nothing is heard of it until it has shown the secret. */
export function admit(socket: Socket, parts: AdmissionDeps): void {
  let instance: Attached | undefined;
  const unheard = setTimeout(() => socket.destroy(), helloMs);
  const greet = (message: FromInstance): void => {
    clearTimeout(unheard);
    if (message.type !== "hello" || !isSecret(parts.secret, message.secret)) {
      channel.send({ type: "refused", reason: "the secret is not this hub's" });
      void channel.end();
      return;
    }
    channel.trust();
    instance = {
      name: `instance ${message.pid}`,
      seenAt: parts.now(),
      isLeaving: false,
      hand: (lease, work) => channel.send({ type: "work", lease, work }),
      notify: (sent) => channel.send(sent),
      end: () => channel.end(),
    };
    channel.send(parts.welcome);
  };
  const hear = (from: Attached, message: FromInstance): void => {
    switch (message.type) {
      case "hello":
        break;
      case "join":
        parts.joined(from, message.functions);
        break;
      case "beat":
        channel.send(message);
        parts.seen(from);
        break;
      case "result":
        parts.completed(from, message);
        break;
      case "leave":
        parts.leaving(from);
        break;
      case "ask":
        void answer(parts.engine(), message).then((sent) => channel.send(sent));
    }
  };
  const channel = openChannel<FromInstance, FromHub>(
    socket,
    {
      onMessage: (message) => (instance ? hear(instance, message) : greet(message)),
      onClose() {
        clearTimeout(unheard);
        if (instance) parts.closed(instance);
      },
    },
    helloBytes,
  );
}

async function answer(
  engine: DurableEngine,
  { id, method, args }: FromInstance & { type: "ask" },
): Promise<FromHub> {
  try {
    if (!hubMethods.includes(method)) throw new Error(`The hub has no '${method}'.`);
    const client: HubClient = engine;
    const call = client[method] as (...given: unknown[]) => unknown;
    const value = await call(...args.map(([given]) => given));
    return { type: "answer", id, value };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof DurableRefusal)
      return { type: "answer", id, refusal: { kind: error.kind, message } };
    return { type: "answer", id, error: message };
  }
}

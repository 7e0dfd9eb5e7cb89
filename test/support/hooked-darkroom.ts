import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { readRecordedInstances } from "../../packages/functions-host/src/durable/journal.ts";
import { skipWhenAimed } from "./aim.ts";
import { LiveDarkroom } from "./darkroom.ts";
import { WebhookReceiver } from "./webhook-receiver.ts";

export interface HookedDarkroom {
  darkroom: LiveDarkroom;
  receiver: WebhookReceiver;
  /** How often the host has been brought back. */
  restarts: () => number;
  /** What durable histories hold, one text each, once the host has stopped. */
  histories: () => string[];
}

/** A Darkroom whose host may be killed, and somebody else's server that it may post to, for one test file. */
export function useHookedDarkroom(): HookedDarkroom {
  skipWhenAimed("needs a host that may post to this machine (URL_ALLOWLIST)");
  const darkroom = new LiveDarkroom();
  const receiver = new WebhookReceiver();
  let data: string;
  let restarts = 0;

  beforeAll(async () => {
    await receiver.listen();
    data = await mkdtemp(join(tmpdir(), "darkroom-hooked-"));
    const settings = { URL_ALLOWLIST: receiver.origin };
    await darkroom.start({ data, settings, onRestart: () => (restarts += 1) });
  });
  afterAll(async () => {
    await darkroom.stop();
    await receiver.close();
    await rm(data, { recursive: true, force: true });
  });

  return {
    darkroom,
    receiver,
    restarts: () => restarts,
    histories() {
      darkroom.needEmbeddedHost("reads the embedded host's journal");
      return readRecordedInstances(join(data, "host", "durable")).map((instance) => JSON.stringify(instance));
    },
  };
}

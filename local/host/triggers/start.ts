import type { IncomingMessage } from "node:http";
import type { ApiReply } from "../durable/http-api.ts";
import type { LoadedFunction } from "../functions.ts";
import type { HostConfig } from "../host-config.ts";
import type { Invoker } from "../invoker.ts";
import type { Log } from "../log.ts";

export interface TriggerParts {
  functions: readonly LoadedFunction[];
  invoker: Invoker;
  config: HostConfig;
  log: Log;
  environment: NodeJS.ProcessEnv;
  hostId: string;
  dataDirectory: string;
}

export interface Triggers {
  runManually: (target: LoadedFunction, input: string) => void;
  blobEvents: (request: IncomingMessage, query: URLSearchParams) => Promise<ApiReply>;
  stop(): Promise<void>;
}

/** Starts the listeners of all functions that are not called over HTTP. */
export async function startTriggers({ log }: TriggerParts): Promise<Triggers> {
  log("debug", "Host.Startup", "No listeners.");
  await Promise.resolve();
  return {
    runManually: () => undefined,
    blobEvents: async () => Promise.resolve({ status: 404 }),
    async stop() {
      await Promise.resolve();
    },
  };
}

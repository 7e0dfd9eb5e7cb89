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
  /** Names this host's queue and receipts in the storage account. */
  hostId: string;
  dataDirectory: string;
  /** Whether this process may, at this moment, do what only one may do at a time. */
  holdsSingleton: () => boolean;
}

export interface Triggers {
  runManually: (target: LoadedFunction, input: string) => void;
  blobEvents: (request: IncomingMessage, query: URLSearchParams) => Promise<ApiReply>;
  /** Starts or stops what only one process may do at a time: timers and the scan for blobs. */
  setSingleton(held: boolean): void;
  /** Takes nothing new and resolves when what was taken is dealt with. */
  stop(): Promise<void>;
}

import type { DeliveryTarget, HookKey } from "../domain/hook.ts";
import type { WebhookReply } from "../domain/webhook.ts";
import type { Callback, DeliveryAttempt, DeliveryRecord, HookRecord, JobRecord } from "./records.ts";

/** Deliveries of ends, one for each job and target, and the jobs that wait for theirs to begin. No target is the webhook. */
export interface DeliveryStore {
  /**
   * Writes the delivery of a job's end, unless one stands there; returns the one that stands. Undefined, with nothing left
   * of it, when the job was deleted.
   */
  open(delivery: DeliveryRecord): Promise<DeliveryRecord | undefined>;
  /** Removes what was written of a deleted job's deliveries. */
  removeOrphan(jobId: string): Promise<void>;
  read(jobId: string, target?: DeliveryTarget): Promise<DeliveryRecord | undefined>;
  /** In the order in which they were made. */
  readAttempts(jobId: string, target?: DeliveryTarget): Promise<DeliveryAttempt[]>;
  /** Writes an attempt and what came of it at once. When the delivery has moved on to another round, the attempt alone. */
  record(delivery: DeliveryRecord, attempt: DeliveryAttempt): Promise<void>;
  /** Begins the webhook's next round, whatever became of the last; undefined when the job has no such delivery. */
  renew(jobId: string, at: Date): Promise<DeliveryRecord | undefined>;
}

/** Runs of workflows that wait for one job. Both return the job as it stood at that moment; undefined when it is gone. */
export interface CallbackStore {
  /** Adds a callback, or replaces the one of that name. Throws `conflict` when too many others wait. */
  bind(jobId: string, callback: Callback): Promise<JobRecord | undefined>;
  /** Forgets a callback; one that isn't there is no fault. */
  release(jobId: string, name: string): Promise<JobRecord | undefined>;
}

/** Workflows that are told of ends, for as long as they want to be. */
export interface HookStore {
  /** Writes a hook, or renews the one of its name, which keeps `createdAt`. Throws `conflict` when there are too many. */
  subscribe(hook: HookRecord): Promise<void>;
  list(callerTag: string): Promise<HookRecord[]>;
  read(callerTag: string, name: string): Promise<HookRecord | undefined>;
  /** A hook that isn't there is no fault. */
  remove(hook: Pick<HookRecord, "callerTag" | "name">): Promise<void>;
  /** Removes a hook as it was read; one that was renewed since stays. */
  drop(hook: HookRecord): Promise<void>;
}

/** Ids of hooks: each is the only credential that ending its hook takes. */
export interface HookIds {
  /** The same for the same address of the same caller; it tells nothing of either. */
  nameOf(caller: string, url: string): string;
  write(key: HookKey): string;
  /** What a genuine id stands for; undefined for any other text. */
  read(id: string): HookKey | undefined;
}

/** Callbacks on the wire. */
export interface Callbacks {
  /** As for webhooks. */
  check(url: string): Promise<void>;
  /** One POST of JSON. Never throws for what the receiver or the network does. */
  send(message: { url: string; body: string }): Promise<WebhookReply>;
}

/** Webhooks on the wire. */
export interface Webhooks {
  /** Whether the operator has given the caller a secret: nothing is ever sent unsigned. */
  canSign(caller: string): boolean;
  /**
   * Throws a Error `invalidRequest` for an address that may not be called as things stand now. Its detail completes a
   * sentence that begins with the field's name, and never repeats the address.
   */
  check(url: string): Promise<void>;
  /** One signed POST. Never throws for what the receiver or the network does. */
  send(message: { caller: string; url: string; id: string; body: string }): Promise<WebhookReply>;
}

/** Starts what delivers a round of telling a job's end, unless it runs already. Made anew for each invocation. */
export interface DeliveryRunner {
  start(delivery: Pick<DeliveryRecord, "jobId" | "round" | "target"> & { trace?: string }): Promise<void>;
  /** Removes what the task hub has of a round that was started for a job which is gone. */
  purge(delivery: Pick<DeliveryRecord, "jobId" | "round" | "target">): Promise<void>;
}

import { AppError } from "../../src/domain/app-error.ts";
import { type DeliveryTarget, maxHooks } from "../../src/domain/hook.ts";
import type { WebhookReply } from "../../src/domain/webhook.ts";
import { withoutAbsent } from "../../src/domain/without-absent.ts";
import type {
  Callbacks,
  CallbackStore,
  DeliveryRunner,
  DeliveryStore,
  HookStore,
  Webhooks,
} from "../../src/ports/deliveries.ts";
import type {
  Callback,
  DeliveryAttempt,
  DeliveryRecord,
  HookRecord,
  JobRecord,
} from "../../src/ports/records.ts";
import { type MemoryJobStore, Outage } from "./fakes.ts";

/** The ports of webhooks and callbacks in memory. */

/** The webhook's go by the job's id alone. */
const keyOf = (jobId: string, target?: DeliveryTarget) =>
  target === undefined ? jobId : `${jobId} ${target}`;

export class MemoryDeliveryStore implements DeliveryStore {
  readonly deliveries = new Map<string, DeliveryRecord>();
  readonly attempts = new Map<string, DeliveryAttempt[]>();
  readonly outage = new Outage();

  async open(delivery: DeliveryRecord): Promise<DeliveryRecord> {
    this.outage.check("open");
    const key = keyOf(delivery.jobId, delivery.target);
    const current = this.deliveries.get(key) ?? delivery;
    this.deliveries.set(key, current);
    return current;
  }

  async removeOrphan(jobId: string): Promise<void> {
    for (const key of this.deliveries.keys()) if (key.startsWith(jobId)) this.deliveries.delete(key);
  }

  async read(jobId: string, target?: DeliveryTarget): Promise<DeliveryRecord | undefined> {
    return this.deliveries.get(keyOf(jobId, target));
  }

  async readAttempts(jobId: string, target?: DeliveryTarget): Promise<DeliveryAttempt[]> {
    return this.attempts.get(keyOf(jobId, target)) ?? [];
  }

  async record(delivery: DeliveryRecord, attempt: DeliveryAttempt): Promise<void> {
    this.outage.check("record");
    const key = keyOf(delivery.jobId, delivery.target);
    if (this.deliveries.get(key)?.round === delivery.round) this.deliveries.set(key, delivery);
    this.attempts.set(key, [...(this.attempts.get(key) ?? []), attempt]);
  }

  async renew(jobId: string, at: Date): Promise<DeliveryRecord | undefined> {
    const current = this.deliveries.get(jobId);
    if (!current) return undefined;
    const next = { attempt: 1, at: at.toISOString() };
    const renewed: DeliveryRecord = { ...current, status: "pending", round: current.round + 1, next };
    this.deliveries.set(jobId, renewed);
    return renewed;
  }
}

/** Answers as it is told, and keeps what it was given. Addresses of `refused` may not be called. */
class FakeSender<Message> {
  readonly sent: Message[] = [];
  readonly refused = new Map<string, string>();
  reply: WebhookReply = { kind: "answered", status: 200, retryAfterMs: 0 };

  async check(url: string): Promise<void> {
    const detail = this.refused.get(url);
    if (detail !== undefined) throw new AppError("invalidRequest", detail);
  }

  async send(message: Message): Promise<WebhookReply> {
    this.sent.push(message);
    return this.reply;
  }
}

export class FakeWebhooks extends FakeSender<Parameters<Webhooks["send"]>[0]> implements Webhooks {
  readonly callersWithout = new Set<string>();

  canSign(caller: string): boolean {
    return !this.callersWithout.has(caller);
  }
}

export class FakeCallbacks extends FakeSender<Parameters<Callbacks["send"]>[0]> implements Callbacks {}

export class FakeDeliveryRunner implements DeliveryRunner {
  readonly started: Parameters<DeliveryRunner["start"]>[0][] = [];
  readonly purged: Parameters<DeliveryRunner["purge"]>[0][] = [];
  readonly outage = new Outage();

  async start({ jobId, round, target }: Parameters<DeliveryRunner["start"]>[0]): Promise<void> {
    this.outage.check("start");
    this.started.push(withoutAbsent({ jobId, round, target }));
  }

  async purge(delivery: Parameters<DeliveryRunner["purge"]>[0]): Promise<void> {
    this.purged.push(delivery);
  }
}

export class MemoryHookStore implements HookStore {
  readonly hooks = new Map<string, HookRecord>();

  async subscribe(hook: HookRecord): Promise<void> {
    const current = this.hooks.get(hook.name);
    if (!current && this.hooks.size >= maxHooks)
      throw new AppError("conflict", "There are 100 hooks already.");
    this.hooks.set(hook.name, { ...hook, createdAt: current?.createdAt ?? hook.createdAt });
  }

  async list(callerTag: string): Promise<HookRecord[]> {
    return [...this.hooks.values()].filter((hook) => hook.callerTag === callerTag);
  }

  async read(callerTag: string, name: string): Promise<HookRecord | undefined> {
    return (await this.list(callerTag)).find((hook) => hook.name === name);
  }

  async remove({ name }: Pick<HookRecord, "callerTag" | "name">): Promise<void> {
    this.hooks.delete(name);
  }

  async drop({ name, renewedAt }: HookRecord): Promise<void> {
    if (this.hooks.get(name)?.renewedAt === renewedAt) this.hooks.delete(name);
  }
}

/** Callbacks lie on their jobs. */
export class MemoryCallbackStore implements CallbackStore {
  readonly #jobs: MemoryJobStore;

  constructor(jobs: MemoryJobStore) {
    this.#jobs = jobs;
  }

  async bind(jobId: string, callback: Callback): Promise<JobRecord | undefined> {
    return this.#change(jobId, (others) => [...others, callback], callback.name);
  }

  async release(jobId: string, name: string): Promise<JobRecord | undefined> {
    return this.#change(jobId, (others) => others, name);
  }

  #change(jobId: string, make: (others: Callback[]) => Callback[], name: string): JobRecord | undefined {
    const job = this.#jobs.jobs.get(jobId);
    if (!job) return undefined;
    const others = (job.callbacks ?? []).filter((callback) => callback.name !== name);
    const changed = { ...job, callbacks: make(others) };
    this.#jobs.jobs.set(jobId, changed);
    return structuredClone(changed);
  }
}

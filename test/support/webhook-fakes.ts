import { Fault } from "../../src/domain/fault.ts";
import { isTerminal } from "../../src/domain/image-job.ts";
import type { WebhookReply } from "../../src/domain/webhook.ts";
import type { DeliveryRunner, DeliveryStore, Webhooks } from "../../src/ports.ts";
import type { DeliveryAttempt, DeliveryRecord, JobRecord } from "../../src/records.ts";
import { type MemoryJobStore, Outage } from "./fakes.ts";

/** The ports of webhooks in memory. */

export class MemoryDeliveryStore implements DeliveryStore {
  readonly deliveries = new Map<string, DeliveryRecord>();
  readonly attempts = new Map<string, DeliveryAttempt[]>();
  readonly outage = new Outage();
  readonly #jobs: MemoryJobStore;

  constructor(jobs: MemoryJobStore) {
    this.#jobs = jobs;
  }

  async open(delivery: DeliveryRecord): Promise<DeliveryRecord> {
    this.outage.check("open");
    const standing = this.deliveries.get(delivery.jobId) ?? delivery;
    this.deliveries.set(delivery.jobId, standing);
    return standing;
  }

  async read(jobId: string): Promise<DeliveryRecord | undefined> {
    return this.deliveries.get(jobId);
  }

  async readAttempts(jobId: string): Promise<DeliveryAttempt[]> {
    return this.attempts.get(jobId) ?? [];
  }

  async record(delivery: DeliveryRecord, attempt: DeliveryAttempt): Promise<void> {
    this.outage.check("record");
    const { jobId, round } = delivery;
    if (this.deliveries.get(jobId)?.round === round) this.deliveries.set(jobId, delivery);
    this.attempts.set(jobId, [...(this.attempts.get(jobId) ?? []), attempt]);
  }

  async renew(jobId: string, at: Date): Promise<DeliveryRecord | undefined> {
    const standing = this.deliveries.get(jobId);
    if (!standing) return undefined;
    const next = { attempt: 1, at: at.toISOString() };
    const renewed: DeliveryRecord = { ...standing, status: "pending", round: standing.round + 1, next };
    this.deliveries.set(jobId, renewed);
    return renewed;
  }

  async *listDue(): AsyncIterable<JobRecord> {
    for (const job of this.#jobs.jobs.values())
      if (isTerminal(job.status) && job.webhook?.state === "due") yield structuredClone(job);
  }

  async mark(jobId: string, state: "due" | "settled"): Promise<void> {
    this.outage.check("mark");
    const job = this.#jobs.jobs.get(jobId);
    if (job?.webhook) this.#jobs.jobs.set(jobId, { ...job, webhook: { ...job.webhook, state } });
  }
}

type Message = Parameters<Webhooks["send"]>[0];

/** Answers as it is told, and keeps what it was given. Addresses of `refused` may not be called. */
export class FakeWebhooks implements Webhooks {
  readonly sent: Message[] = [];
  readonly refused = new Map<string, string>();
  readonly callersWithout = new Set<string>();
  reply: WebhookReply = { kind: "answered", status: 200, retryAfterMs: 0 };

  canSign(caller: string): boolean {
    return !this.callersWithout.has(caller);
  }

  async check(url: string): Promise<void> {
    const detail = this.refused.get(url);
    if (detail !== undefined) throw new Fault("invalidRequest", detail);
  }

  async send(message: Message): Promise<WebhookReply> {
    this.sent.push(message);
    return this.reply;
  }
}

export class FakeDeliveryRunner implements DeliveryRunner {
  readonly started: { jobId: string; round: number }[] = [];
  readonly outage = new Outage();

  async start({ jobId, round }: { jobId: string; round: number }): Promise<void> {
    this.outage.check("start");
    this.started.push({ jobId, round });
  }
}

import { isDeepStrictEqual } from "node:util";
import type { Finished } from "../../src/domain/trigger-state.ts";
import type { CancellationWatcher } from "../../src/activities/cancellation-watcher.ts";
import { bytesInMemory } from "../../src/activities/bytes-in-memory.ts";
import { beginAttempt, settleLateAttempt } from "../../src/domain/call-attempts.ts";
import {
  type IdempotencyKey,
  givesWay,
  mayResume,
  type IdempotencyRecord,
} from "../../src/domain/idempotency.ts";
import { AppError } from "../../src/domain/app-error.ts";
import { withoutAbsent } from "../../src/domain/without-absent.ts";
import { isTerminal, type JobStatus, mayBecome } from "../../src/domain/image-job.ts";
import type { DeploymentQuota, ResolvedDeployment } from "../../src/domain/deployment.ts";
import type { ImageRequest } from "../../src/domain/image-request.ts";
import { type Account, type AccountEntry, emptyAccount } from "../../src/domain/quota/account.ts";
import { emptyPool, type PoolState } from "../../src/domain/quota/pool-state.ts";
import { concurrencyLimit } from "../../src/activities/concurrency-limit.ts";
import type { AnswerSpool, CallName, ReceivedAnswer } from "../../src/ports/answers.ts";
import { type TokenGrant, tokenScopes } from "../../src/domain/identity.ts";
import type { Authenticator, Connections, TokenUses } from "../../src/ports/callers.ts";
import type { CancellationNotices } from "../../src/ports/cancellations.ts";
import type { CallerAccounts } from "../../src/ports/accounts.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type {
  EditFiles,
  FetchReply,
  ImageModel,
  ImageModels,
  DiscardReply,
  PollReply,
  ReplyItem,
  ReplyListener,
  SubmitReply,
  UpstreamReply,
} from "../../src/ports/image-model.ts";
import type { BlobFacts, BytePart, ImageStore, Link, ThumbnailMaker } from "../../src/ports/images.ts";
import type {
  BegunAttempt,
  IdempotencyStore,
  Conclude,
  EndedJob,
  JobListQuery,
  JobPage,
  JobRunner,
  JobStore,
  JobUsage,
  RecalledJob,
  SettledCall,
  SucceededQuery,
  RunState,
} from "../../src/ports/jobs.ts";
import type { JobAccounts } from "../../src/jobs/job-accounts.ts";
import type { JobQueue } from "../../src/jobs/job-queue.ts";
import type { JobWaits } from "../../src/jobs/job-waits.ts";
import type { QuotaPools } from "../../src/ports/quota.ts";
import type { PageFile, PageFiles } from "../../src/ports/served-files.ts";
import {
  eventOfSlot,
  isSameEvent,
  type JobEvent,
  newestPartials,
  type NumberedEvent,
} from "../../src/domain/job-event.ts";
import type {
  CallRecord,
  JobEnd,
  JobProgress,
  JobRecord,
  SlotRecord,
  StoredImage,
} from "../../src/ports/records.ts";

/** The ports in memory. Each is typed by its port, so that one that has gone stale doesn't compile. */

/** Stands still unless told otherwise; `tickMs` is what each reading of it takes. */
export class FakeClock implements Clock {
  ms: number;
  readonly tickMs: number;

  constructor(at = "2026-03-04T05:06:07.000Z", tickMs = 0) {
    this.ms = Date.parse(at);
    this.tickMs = tickMs;
  }

  now(): Date {
    this.ms += this.tickMs;
    return new Date(this.ms);
  }

  pass(ms: number): void {
    this.ms += ms;
  }
}

/** What was done to the fakes, in order, where the order is what a test is about. */
export type Diary = string[];

/** Fails when told to, as storage does that is away. */
export class Outage {
  readonly #failing = new Set<string>();

  of(...operations: string[]): void {
    for (const operation of operations) this.#failing.add(operation);
  }

  end(): void {
    this.#failing.clear();
  }

  check(operation: string): void {
    if (this.#failing.has(operation)) throw new Error(`storage is away (${operation})`);
  }
}

/** Anyone who asks stays, and takes all. */
export const attentive: Connections = {
  of: () => ({
    closed: new AbortController().signal,
    taken: async () => true,
    written: Promise.resolve(true),
  }),
};

export class MemoryJobStore implements JobStore {
  readonly jobs = new Map<string, JobRecord>();
  readonly outage = new Outage();
  readonly #slots = new Map<string, Map<number, SlotRecord>>();
  readonly #calls = new Map<string, Map<number, CallRecord>>();
  readonly #events = new Map<string, NumberedEvent[]>();
  readonly #ends = new Map<string, JobEnd>();
  readonly #diary: Diary;

  constructor(diary: Diary = []) {
    this.#diary = diary;
  }

  /** Nothing is told: anyone who waits asks again. */
  listen(): () => void {
    return () => undefined;
  }

  async create(job: JobRecord): Promise<void> {
    this.#do("create");
    if (this.jobs.has(job.id)) throw new AppError("conflict", "This job exists already.");
    this.jobs.set(job.id, structuredClone(job));
  }

  async read(jobId: string): Promise<JobRecord | undefined> {
    this.#do("read");
    return structuredClone(this.jobs.get(jobId));
  }

  async readProgress(jobId: string): Promise<JobProgress> {
    this.#do("readProgress");
    return this.#progress(jobId);
  }

  #progress(jobId: string): JobProgress {
    const end = this.#ends.get(jobId);
    const slots = [...(this.#slots.get(jobId)?.values() ?? [])];
    const partials = end ? [] : newestPartials(this.#events.get(jobId) ?? [], slots);
    return structuredClone({
      slots,
      calls: [...(this.#calls.get(jobId)?.values() ?? [])],
      ...(partials.length > 0 && { partials }),
      ...(end && { end }),
    });
  }

  async append(jobId: string, event: JobEvent): Promise<boolean> {
    this.#do("append");
    if (this.#isOver(jobId)) return false;
    if ("index" in event && this.#slots.get(jobId)?.has(event.index)) return false;
    this.#tell(jobId, [event]);
    return true;
  }

  async recall(jobId: string): Promise<RecalledJob | undefined> {
    const job = await this.read(jobId);
    return job && { job, progress: await this.readProgress(jobId), isFresh: true };
  }

  async begin(jobId: string, startedAt: string): Promise<JobRecord | undefined> {
    this.#do("begin");
    if (this.#isOver(jobId)) return undefined;
    this.#tell(jobId, [{ type: "job.running" }]);
    return this.advance(jobId, "running", { startedAt });
  }

  async end(jobId: string, conclude: Conclude): Promise<EndedJob | undefined> {
    this.#do("end");
    const job = this.jobs.get(jobId);
    if (!job) return undefined;
    if (!isTerminal(job.status)) {
      if (!this.#ends.has(jobId)) {
        const { end, slots } = await conclude(this.#progress(jobId), structuredClone(job));
        this.#settle(jobId, slots);
        this.#tell(jobId, [{ type: `job.${end.status}` }]);
        this.#ends.set(jobId, structuredClone(end));
      }
      this.jobs.set(jobId, { ...job, ...this.#ends.get(jobId)! });
    }
    return structuredClone({ job: this.jobs.get(jobId)!, slots: this.#progress(jobId).slots });
  }

  async hasEnded(jobId: string): Promise<boolean> {
    this.#do("hasEnded");
    return this.#isOver(jobId);
  }

  async isDeleted(jobId: string): Promise<boolean> {
    return !this.jobs.has(jobId);
  }

  async clearIfDeleted(jobId: string): Promise<boolean> {
    return !this.jobs.has(jobId);
  }

  /** Ended, or deleted. */
  #isOver(jobId: string): boolean {
    const job = this.jobs.get(jobId);
    return !job || isTerminal(job.status) || this.#ends.has(jobId);
  }

  async readEvents(jobId: string, after: number): Promise<NumberedEvent[]> {
    this.#do("readEvents");
    return structuredClone((this.#events.get(jobId) ?? []).filter(({ number }) => number > after));
  }

  #tell(jobId: string, events: readonly JobEvent[]): void {
    const recorded = this.#events.get(jobId) ?? [];
    for (const event of events) {
      if (recorded.some((earlier) => isSameEvent(earlier, event))) continue;
      recorded.push({ ...event, number: recorded.length + 2, at: "2026-03-04T05:06:07.000Z" });
    }
    this.#events.set(jobId, recorded);
  }

  /** The first end of a slot stands, and none is added to a job that has ended. */
  #settle(jobId: string, slots: readonly SlotRecord[]): void {
    if (this.#isOver(jobId)) return;
    const known = this.#of(this.#slots, jobId);
    const fresh = slots.filter(({ index }) => !known.has(index));
    for (const slot of fresh) known.set(slot.index, structuredClone(slot));
    this.#tell(jobId, fresh.map(eventOfSlot));
  }

  /** Moves the status forward with some facts, for a test to begin from. */
  async advance(jobId: string, to: JobStatus, facts: Partial<JobRecord>): Promise<JobRecord> {
    const job = this.jobs.get(jobId);
    if (!job) throw new AppError("notFound", "There is no such job.");
    if (job.status === to || !mayBecome(job.status, to)) return structuredClone(job);
    const moved: JobRecord = { ...job, ...structuredClone(facts), status: to };
    this.jobs.set(jobId, moved);
    return structuredClone(moved);
  }

  async amend(jobId: string, facts: Partial<JobRecord>): Promise<JobRecord> {
    this.#do("amend");
    const job = this.jobs.get(jobId);
    if (!job) throw new AppError("notFound", "There is no such job.");
    if (isTerminal(job.status)) return structuredClone(job);
    const amended: JobRecord = { ...job, ...structuredClone(facts) };
    this.jobs.set(jobId, amended);
    return structuredClone(amended);
  }

  async *listOpen(createdBefore: Date): AsyncIterable<JobRecord> {
    this.#do("listOpen");
    for (const job of this.jobs.values()) {
      if (!isTerminal(job.status) && job.createdAt < createdBefore.toISOString()) yield structuredClone(job);
    }
  }

  async *listSucceeded(query: SucceededQuery): AsyncIterable<Finished> {
    this.#do("listSucceeded");
    const { caller, model, tag, createdAfter, finishedAfter } = query;
    for (const job of this.jobs.values()) {
      const { id, finishedAt = "" } = job;
      const fits = (model ?? job.model) === job.model && (tag === undefined || job.tags?.includes(tag));
      if (job.caller !== caller || job.status !== "succeeded" || !fits) continue;
      if (job.createdAt > createdAfter.toISOString() && finishedAt > finishedAfter) yield { id, finishedAt };
    }
  }

  async list({ caller, status, model, tag, limit, after = "" }: JobListQuery): Promise<JobPage> {
    this.#do("list");
    const found = [...this.jobs.values()]
      .filter((job) => job.caller === caller && job.id > after)
      .filter((job) => (status ?? job.status) === job.status && (model ?? job.model) === job.model)
      .filter((job) => tag === undefined || job.tags?.includes(tag))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    const jobs = found.slice(0, limit);
    const next = found.length > limit ? jobs.at(-1)?.id : undefined;
    return {
      jobs: await Promise.all(
        jobs.map(async (job): Promise<[JobRecord, JobProgress]> => [
          structuredClone(job),
          await this.readProgress(job.id),
        ]),
      ),
      ...(next !== undefined && { next }),
    };
  }

  /** As if the job had never been. */
  removeJob(jobId: string): void {
    this.#slots.delete(jobId);
    this.#calls.delete(jobId);
    this.#events.delete(jobId);
    this.#ends.delete(jobId);
    this.jobs.delete(jobId);
  }

  async beginAttempt(
    jobId: string,
    call: number,
    attempt: string,
    seen: CallRecord | undefined,
    deployment?: string,
  ): Promise<BegunAttempt> {
    this.#do("beginAttempt");
    if (this.#isOver(jobId)) return { kind: "over" };
    const earlier = this.#of(this.#calls, jobId).get(call);
    if (earlier?.inDoubt.includes(attempt)) return { kind: "begun", record: structuredClone(earlier) };
    if (!isDeepStrictEqual(earlier, seen)) return { kind: "changed" };
    const record = beginAttempt(earlier ?? { call, inDoubt: [], duplicates: [] }, attempt, deployment);
    this.#of(this.#calls, jobId).set(call, record);
    return { kind: "begun", record: structuredClone(record) };
  }

  /** Lays down what earlier steps have left, for a test to begin from. */
  arrange(jobId: string, call: CallRecord, slots: readonly SlotRecord[]): void {
    this.#of(this.#calls, jobId).set(call.call, structuredClone(call));
    for (const slot of slots) this.#of(this.#slots, jobId).set(slot.index, structuredClone(slot));
  }

  async settleCall(
    jobId: string,
    call: number,
    change: (record: CallRecord) => CallRecord,
    slots: readonly SlotRecord[],
  ): Promise<SettledCall> {
    this.#do("settleCall");
    const isOver = this.#isOver(jobId);
    const current = this.#of(this.#calls, jobId).get(call);
    if (!current && !isOver) throw new Error(`no record of call ${call}`);
    const changed = change(structuredClone(current ?? { call, inDoubt: [], duplicates: [] }));
    const record = current?.outcome ? settleLateAttempt(current, changed) : changed;
    if (this.jobs.has(jobId)) this.#of(this.#calls, jobId).set(call, structuredClone(record));
    if (!current?.outcome) this.#settle(jobId, slots);
    return structuredClone({ record, isOver });
  }

  async settleSlots(jobId: string, slots: readonly SlotRecord[]): Promise<void> {
    this.#do("settleSlots");
    this.#settle(jobId, slots);
  }

  async markNotification(jobId: string, state: "pending" | "sent"): Promise<void> {
    this.#do("markNotification");
    const job = this.jobs.get(jobId);
    if (job) this.jobs.set(jobId, { ...job, notification: state });
  }

  async markThumbnails(jobId: string, indexes: readonly number[]): Promise<boolean> {
    this.#do("markThumbnails");
    for (const index of indexes) {
      const slot = this.#of(this.#slots, jobId).get(index);
      if (slot?.state === "stored") slot.hasThumbnails = true;
    }
    return this.jobs.has(jobId);
  }

  async ping(): Promise<void> {
    this.#do("ping");
  }

  #of<T>(all: Map<string, Map<number, T>>, jobId: string): Map<number, T> {
    const found = all.get(jobId) ?? new Map<number, T>();
    all.set(jobId, found);
    return found;
  }

  #do(operation: string): void {
    this.#diary.push(operation);
    this.outage.check(operation);
  }
}

export class MemoryIdempotencyStore implements IdempotencyStore {
  readonly idempotency = new Map<string, IdempotencyRecord>();
  readonly #jobs: MemoryJobStore;

  constructor(jobs: MemoryJobStore) {
    this.#jobs = jobs;
  }

  async record(job: JobRecord, idempotencyKey: IdempotencyKey): Promise<IdempotencyRecord | undefined> {
    const earlier = await idempotencyKey.joins?.();
    if (earlier) return earlier;
    const current = this.#at(idempotencyKey);
    if (current && !givesWay(current, idempotencyKey, new Date(job.createdAt)))
      return structuredClone(current);
    const { bodyHash } = idempotencyKey;
    // Both or neither, and before anybody else has a turn.
    const created = this.#jobs.create(job);
    if (this.#jobs.jobs.has(job.id))
      this.idempotency.set(nameOf(idempotencyKey), { jobId: job.id, bodyHash, recordedAt: job.createdAt });
    await created;
    return undefined;
  }

  async find(idempotencyKey: IdempotencyKey): Promise<IdempotencyRecord | undefined> {
    return structuredClone(this.#at(idempotencyKey));
  }

  async resume(idempotencyKey: IdempotencyKey, now: Date): Promise<boolean> {
    const current = this.#at(idempotencyKey);
    if (!current || !mayResume(current, now)) return false;
    this.idempotency.set(nameOf(idempotencyKey), { ...current, resumedAt: now.toISOString() });
    return true;
  }

  async removeExpired(recordedBefore: Date, linesBefore: Date): Promise<void> {
    for (const [name, { recordedAt }] of this.idempotency) {
      const before = / line-/.test(name) ? linesBefore : recordedBefore;
      if (recordedAt < before.toISOString()) this.idempotency.delete(name);
    }
  }

  #at(idempotencyKey: IdempotencyKey): IdempotencyRecord | undefined {
    return this.idempotency.get(nameOf(idempotencyKey));
  }
}

const nameOf = ({ tag, name }: IdempotencyKey) => `${tag} ${name}`;

export class MemoryImageStore implements ImageStore {
  readonly blobs = new Map<string, { bytes: Uint8Array; facts: BlobFacts }>();
  readonly outage = new Outage();
  readonly #diary: Diary;
  readonly #clock: Clock;
  #links = 0;

  constructor(diary: Diary = [], clock: Clock = new FakeClock()) {
    this.#diary = diary;
    this.#clock = clock;
  }

  async put(name: string, bytes: Uint8Array, facts: BlobFacts): Promise<boolean> {
    this.#do("put");
    if (this.blobs.has(name)) return false;
    this.blobs.set(name, { bytes, facts: structuredClone(facts) });
    return true;
  }

  async read(name: string, part?: BytePart): Promise<Uint8Array> {
    this.#do("readBlob");
    const blob = this.blobs.get(name);
    if (!blob) throw new AppError("expired", "This image is gone.");
    return part ? blob.bytes.slice(part.first, part.last + 1) : blob.bytes;
  }

  async remove(name: string): Promise<void> {
    this.#do("remove");
    this.blobs.delete(name);
  }

  async list(jobId: string): Promise<StoredImage[]> {
    this.#do("list");
    return [...this.blobs].flatMap(([blob, { facts }]) =>
      facts.image && blob.startsWith(`${jobId}/`)
        ? [{ ...facts.image, blob, contentType: facts.contentType }]
        : [],
    );
  }

  async link(name: string, hours = 1): Promise<Link> {
    this.#do("link");
    this.#links += 1;
    return {
      url: `https://store.example/images/${name}?sig=link${this.#links}`,
      expiresAt: new Date(this.#clock.now().getTime() + hours * 3_600_000),
    };
  }

  async ping(): Promise<void> {
    this.#do("pingBlobs");
  }

  async check(): Promise<void> {
    this.#do("checkBlobs");
  }

  #do(operation: string): void {
    this.#diary.push(operation);
    this.outage.check(operation);
  }
}

/** Starts nothing, and says of each job what it was told to say. */
export class FakeJobRunner implements JobRunner {
  readonly started: JobRecord[] = [];
  readonly states = new Map<string, RunState>();
  readonly purged: string[] = [];
  readonly endedPurged: Date[] = [];
  readonly outage = new Outage();
  readonly #diary: Diary;

  constructor(diary: Diary = []) {
    this.#diary = diary;
  }

  async start(job: JobRecord): Promise<void> {
    this.#diary.push("start");
    this.outage.check("start");
    this.started.push(job);
  }

  async state(jobId: string): Promise<RunState | undefined> {
    this.outage.check(`state ${jobId}`);
    return this.states.get(jobId);
  }

  async stop(jobId: string): Promise<void> {
    this.#diary.push("stop");
    this.states.set(jobId, "ended");
  }

  /** One that was told to be active doesn't end. */
  async purge({ id }: JobRecord): Promise<boolean> {
    this.outage.check(`purge ${id}`);
    if (this.states.get(id) === "active") return false;
    this.states.delete(id);
    this.purged.push(id);
    return true;
  }

  async purgeEnded(begunBefore: Date): Promise<number> {
    this.endedPurged.push(begunBefore);
    return 0;
  }
}

/** An image as a script has it: it is handed to the one who listens, and its reply says that it was. */
export interface ScriptedImage {
  kind: "image";
  bytes: Uint8Array;
  revisedPrompt?: string;
}
type ScriptedItem = ReplyItem | ScriptedImage;
type ImagesReply = Extract<UpstreamReply, { kind: "images" }>;
export type ScriptedReply<R> =
  | Exclude<R, ImagesReply>
  | (Omit<ImagesReply, "items"> & { items: ScriptedItem[] });
export type Scripted = ScriptedReply<UpstreamReply | SubmitReply | PollReply> | DiscardReply | Error;

/** Answers from a script, in order, and keeps what it was asked. An error in the script is thrown. */
export class ScriptedImageModel implements ImageModel {
  readonly renders: { request: ImageRequest; images: number }[] = [];
  readonly edits: { request: ImageRequest; files: EditFiles; images: number }[] = [];
  readonly submits: { images: number; operationId: string }[] = [];
  readonly polls: { operation: string; ageMs: number }[] = [];
  readonly discards: string[] = [];
  /** What links lead to, in order; a link that isn't there is late. */
  readonly links = new Map<string, FetchReply[]>();
  readonly fetches: string[] = [];
  readonly script: Scripted[];

  constructor(...script: Scripted[]) {
    this.script = script;
  }

  async render(
    request: ImageRequest,
    images: number,
    _signal: AbortSignal,
    listener: ReplyListener,
  ): Promise<UpstreamReply> {
    this.renders.push({ request, images });
    return (await this.#next(listener)) as UpstreamReply;
  }

  async edit(
    request: ImageRequest,
    files: EditFiles,
    images: number,
    _signal: AbortSignal,
    listener: ReplyListener,
  ): Promise<UpstreamReply> {
    this.edits.push({ request, files, images });
    return (await this.#next(listener)) as UpstreamReply;
  }

  async submit(
    _request: ImageRequest,
    images: number,
    operationId: string,
    _signal: AbortSignal,
    listener: ReplyListener,
  ): Promise<SubmitReply> {
    this.submits.push({ images, operationId });
    return (await this.#next(listener)) as SubmitReply;
  }

  async poll(
    _request: ImageRequest,
    operation: string,
    ageMs: number,
    _signal: AbortSignal,
    listener: ReplyListener,
  ): Promise<PollReply> {
    this.polls.push({ operation, ageMs });
    return (await this.#next(listener)) as PollReply;
  }

  async fetchImage(url: string): Promise<FetchReply> {
    this.fetches.push(url);
    return this.links.get(url)?.shift() ?? { kind: "late", retryAfterMs: 0, reason: "404" };
  }

  async discard(operation: string): Promise<DiscardReply> {
    this.discards.push(operation);
    return (await this.#next()) as DiscardReply;
  }

  async #next(listener?: ReplyListener): Promise<Exclude<Scripted, Error>> {
    const next = this.script.shift();
    if (!next) throw new Error("The service was asked more often than the script says.");
    if (next instanceof Error) throw next;
    return next.kind === "images" && listener ? deliver(next, listener) : next;
  }
}

/** Hands a scripted reply's images to the listener; returns the reply as the port has it. */
export async function deliver(
  { items, ...reply }: Omit<ImagesReply, "items"> & { items: ScriptedItem[] },
  listener: ReplyListener,
): Promise<ImagesReply> {
  const read: ReplyItem[] = [];
  for (const [position, item] of items.entries()) {
    if (item.kind === "image") {
      const { bytes, revisedPrompt } = item;
      const picture = bytesInMemory(bytes);
      await listener.onImage(withoutAbsent({ position, picture, revisedPrompt }));
    }
    read.push(item.kind === "image" ? { kind: "received" } : item);
  }
  return { ...reply, items: read };
}

/** Answers in memory, as if on disk. */
export class MemorySpool implements AnswerSpool {
  readonly answers = new Map<string, ReceivedAnswer>();

  async save({ jobId, call }: CallName, answer: ReceivedAnswer): Promise<void> {
    this.answers.set(`${jobId}-${call}`, answer);
  }

  async find({ jobId, call }: CallName): Promise<ReceivedAnswer | undefined> {
    return this.answers.get(`${jobId}-${call}`);
  }

  async remove({ jobId, call }: CallName): Promise<void> {
    this.answers.delete(`${jobId}-${call}`);
  }
}

/** Accounts in memory. */
export class MemoryCallerAccounts implements CallerAccounts {
  readonly accounts = new Map<string, Account>();
  readonly entered = new Map<string, Map<string, AccountEntry>>();
  changes = 0;

  async change(owner: string, jobId: string, edit: Parameters<CallerAccounts["change"]>[2]): Promise<void> {
    this.changes += 1;
    const entries = this.entered.get(owner) ?? new Map<string, AccountEntry>();
    this.entered.set(owner, entries);
    const changed = edit({
      account: this.accounts.get(owner) ?? emptyAccount,
      entry: entries.get(jobId),
    });
    if (!changed) return;
    this.accounts.set(owner, changed.account);
    if (changed.entry) entries.set(jobId, changed.entry);
    else entries.delete(jobId);
  }

  async entries(owner: string): Promise<{ jobId: string; entry: AccountEntry }[]> {
    return [...(this.entered.get(owner) ?? [])].map(([jobId, entry]) => ({ jobId, entry }));
  }

  async read(owner: string): Promise<Account> {
    return this.accounts.get(owner) ?? emptyAccount;
  }

  async removeExpired(): Promise<void> {}
}

export function memoryJobUsage(store: MemoryJobStore): JobUsage {
  return {
    async *list({ from, to, of }) {
      for (const job of store.jobs.values()) {
        const at = new Date(job.createdAt);
        if (at < from || at >= to || (of && of.caller !== job.caller)) continue;
        const { slots } = await store.readProgress(job.id);
        const images = slots.filter(({ state }) => state === "stored").length;
        const { caller, model, createdAt, tags = [], price, usage } = job;
        const facts = { caller, model, createdAt, tags, price };
        yield isTerminal(job.status) ? { ...facts, made: { images, usage } } : facts;
      }
    },
  };
}

/** No caller has limits. */
export const noAccounts: JobAccounts = {
  enter: async () => ({ leave: async () => {} }),
  check: async () => {},
  close: async () => {},
  reserveRepeat: async () => undefined,
  budgetOf: async () => undefined,
};

/** No deployment has limits. */
export const noQueue: JobQueue = {
  place: async (job) => job,
  join: async () => ({ leave: () => undefined }),
};
export const noWaits: JobWaits = { of: async () => undefined };

export class MemoryCancellationNotices implements CancellationNotices {
  readonly published: { jobId: string; at: Date }[] = [];
  readonly outage = new Outage();

  async publish(jobId: string, at: Date): Promise<void> {
    this.outage.check("publish");
    this.published.push({ jobId, at });
  }

  async since(at: Date): Promise<string[]> {
    this.outage.check("since");
    return this.published.filter((end) => end.at >= at).map(({ jobId }) => jobId);
  }

  async removeBefore(at: Date): Promise<void> {
    this.published.splice(0, Infinity, ...this.published.filter((end) => end.at >= at));
  }
}

/** Pools whose state is in memory. */
export class MemoryQuotaPools implements QuotaPools {
  readonly states = new Map<string, PoolState>();

  async read(pool: string): Promise<PoolState> {
    return this.states.get(pool) ?? emptyPool;
  }

  async readAll(pools: readonly string[]): Promise<Map<string, PoolState>> {
    return new Map(await Promise.all(pools.map(async (pool) => [pool, await this.read(pool)] as const)));
  }

  async change<T>(pool: string, decide: (state: PoolState) => { state: PoolState; decision: T }): Promise<T> {
    const { state, decision } = decide(await this.read(pool));
    this.states.set(pool, state);
    return decision;
  }

  later(pool: string, edit: (state: PoolState) => PoolState): void {
    this.states.set(pool, edit(this.states.get(pool) ?? emptyPool));
  }
}

/** What a call's step needs, beside what a test is about. */
export function callSupport(clock: FakeClock) {
  return {
    clock,
    ends: noEnds,
    spool: new MemorySpool(),
    callLimit: concurrencyLimit(clock, 32),
    quotaPools: new MemoryQuotaPools(),
    quotas: new Map<string, DeploymentQuota>(),
    offers: [] as ResolvedDeployment[],
    accounts: noAccounts,
    isStorageFailure: () => false,
    sleep: async (ms: number) => clock.pass(ms),
    warn: () => undefined,
    // Nothing that is asked for here is resized.
    resizer: { resize: async () => undefined },
  };
}

/** For a job that nobody ends meanwhile. */
export const noEnds: CancellationWatcher = {
  watch: () => ({ signal: new AbortController().signal, release: () => undefined }),
};

export const onlyModel = (model: ImageModel): ImageModels => ({ at: () => model });

/** Makes thumbnails that say of what and how large they are. */
export class FakeThumbnailMaker implements ThumbnailMaker {
  readonly made: number[] = [];

  async make(bytes: Uint8Array, sides: readonly number[]): Promise<Uint8Array[]> {
    this.made.push(...sides);
    return sides.map((side) => new TextEncoder().encode(`${side} of ${bytes.byteLength}`));
  }
}

/** Counts the jobs of tokens in memory. */
export class MemoryTokenUses implements TokenUses {
  readonly counts = new Map<string, number>();

  async take({ id, maxJobs }: TokenGrant): Promise<boolean> {
    const jobs = this.counts.get(id) ?? 0;
    if (jobs >= maxJobs) return false;
    this.counts.set(id, jobs + 1);
    return true;
  }

  async giveBack({ id }: TokenGrant): Promise<void> {
    this.counts.set(id, (this.counts.get(id) ?? 1) - 1);
  }

  async removeExpired(): Promise<void> {}
}

/** Believes whatever header `x-caller` says; without it, or with an empty one, nobody is calling. */
export const trustingAuthenticator: Authenticator = {
  async identify(headers) {
    const caller = headers.get("x-caller");
    return caller === null || caller === "" ? undefined : { caller, scopes: tokenScopes };
  },
};

/** Files of the page; each encoding is the text with the encoding's name before it. */
export class MemoryPageFiles implements PageFiles {
  readonly #files: Map<string, string>;

  constructor(files: Record<string, string>) {
    this.#files = new Map(Object.entries(files));
  }

  async read(name: string): Promise<PageFile | undefined> {
    const text = this.#files.get(name);
    if (text === undefined) return undefined;
    const bytes = (encoding: string) => Buffer.from(encoding + text);
    return {
      contentType: name.endsWith(".js") ? "text/javascript" : "text/html",
      tag: name,
      bytes: { identity: bytes(""), br: bytes("br:"), gzip: bytes("gzip:") },
    };
  }
}

import { beforeAll, describe, expect, it } from "vitest";
import { isTerminal } from "../../src/domain/image-job.ts";
import type { DeliveryStore } from "../../src/ports/deliveries.ts";
import type { JobStore } from "../../src/ports/jobs.ts";
import type { JobRetentionStore } from "../../src/ports/retention.ts";
import type { DeliveryAttempt, DeliveryRecord, JobRecord } from "../../src/ports/records.ts";
import { tableDeliveryStore } from "../../src/adapters/storage/delivery-store.ts";
import { maxSharesPerJob } from "../../src/domain/share.ts";
import { tableShareStore } from "../../src/adapters/storage/share-store.ts";
import { tableJobRetention } from "../../src/adapters/storage/job-removal.ts";
import { tableJobStore } from "../../src/adapters/storage/job-store.ts";
import { aJob } from "../support/jobs.ts";
import { useAzurite } from "../support/storage.ts";
import { anEndedJob, aWebhookRequest } from "../support/webhook-jobs.ts";

const azurite = useAzurite();
let jobs: JobStore;
let store: DeliveryStore;
let retention: JobRetentionStore;
beforeAll(() => {
  const { tables } = azurite.clients();
  jobs = tableJobStore(tables);
  store = tableDeliveryStore(tables);
  retention = tableJobRetention(tables);
});

const now = "2026-01-02T03:04:10.000Z";
const pendingOf = ({ id }: JobRecord): DeliveryRecord => ({
  jobId: id,
  event: "job.succeeded",
  status: "pending",
  round: 1,
  createdAt: now,
  next: { attempt: 1, at: now },
});
const tried = (attempt: number, round = 1): DeliveryAttempt => ({
  ...{ round, attempt, at: now, durationMs: 5 },
  ...{ status: 500, failure: "The receiver answered 500." },
});

async function opened() {
  const job = anEndedJob();
  await jobs.create(job);
  const delivery = await store.open(pendingOf(job));
  if (!delivery) throw new Error("The job is there.");
  return { job, delivery };
}

async function due(): Promise<string[]> {
  const ids: string[] = [];
  for await (const { job } of retention.listPending(new Date())) if (isTerminal(job.status)) ids.push(job.id);
  return ids;
}

describe("a delivery", () => {
  it("is opened once: anyone who comes later gets the one that stands", async () => {
    const { job, delivery } = await opened();
    const others = await Promise.all(
      Array.from({ length: 8 }, () => store.open({ ...pendingOf(job), event: "job.failed" })),
    );
    expect(others).toEqual(Array.from({ length: 8 }, () => delivery));
    expect(await store.read(job.id)).toEqual(delivery);
  });

  it("that isn't there is absent", async () => {
    const { id } = aJob();
    expect([await store.read(id), await store.readAttempts(id), await store.renew(id, new Date())]).toEqual([
      undefined,
      [],
      undefined,
    ]);
  });

  it("keeps its tries in the order in which they were made, rounds included", async () => {
    const { job, delivery } = await opened();
    for (const attempt of [1, 2, 10]) await store.record(delivery, tried(attempt));
    const renewed = await store.renew(job.id, new Date(now));
    if (renewed) await store.record(renewed, tried(1, 2));
    expect((await store.readAttempts(job.id)).map(({ round, attempt }) => [round, attempt])).toEqual([
      [1, 1],
      [1, 2],
      [1, 10],
      [2, 1],
    ]);
    expect((await store.readAttempts(job.id))[0]).toEqual(tried(1));
  });

  it("is written together with the try that it comes from", async () => {
    const { job, delivery } = await opened();
    const { next, ...rest } = delivery;
    await store.record({ ...rest, status: "delivered" }, tried(1));
    expect([next?.attempt, await store.read(job.id), await store.readAttempts(job.id)]).toEqual([
      1,
      { ...rest, status: "delivered" },
      [tried(1)],
    ]);
  });

  it("of a newer round isn't ended by a try of an older one, which is kept all the same", async () => {
    const { job, delivery } = await opened();
    const renewed = await store.renew(job.id, new Date(now));
    await store.record({ ...delivery, status: "disabled" }, tried(1));
    expect(await store.read(job.id)).toEqual(renewed);
    expect(await store.readAttempts(job.id)).toEqual([tried(1)]);
  });

  it("is renewed whatever became of it, each time under the next round, by however many at once", async () => {
    const { job, delivery } = await opened();
    await store.record({ ...delivery, status: "failed" }, tried(10));
    const rounds = await Promise.all(Array.from({ length: 4 }, () => store.renew(job.id, new Date(now))));
    expect(rounds.map((renewed) => renewed?.round).sort()).toEqual([2, 3, 4, 5]);
    expect(await store.read(job.id)).toEqual({ ...pendingOf(job), round: 5 });
  });

  it("that was deleted with its job isn't brought back by a late try", async () => {
    const job = anEndedJob();
    await store.record(pendingOf(job), tried(1));
    expect([await store.read(job.id), await store.readAttempts(job.id)]).toEqual([undefined, []]);
  });
});

describe("a job's row", () => {
  it("gives back its webhook, and says that it is due from its first write on", async () => {
    const job = aJob({ webhook: aWebhookRequest({ events: ["job.failed"] }), notification: "pending" });
    await jobs.create(job);
    expect(await jobs.read(job.id)).toEqual(job);
  });

  it("is due once its job has ended, until it is settled; and can be made due again", async () => {
    const job = aJob({ webhook: aWebhookRequest(), notification: "pending" });
    await jobs.create(job);
    expect(await due()).not.toContain(job.id);
    await jobs.begin(job.id, now);
    await jobs.end(job.id, async () => ({ end: { status: "succeeded", finishedAt: now }, slots: [] }));
    expect(await due()).toContain(job.id);
    await jobs.markNotification(job.id, "sent");
    expect(await due()).not.toContain(job.id);
    expect(await jobs.read(job.id)).toMatchObject({
      status: "succeeded",
      webhook: aWebhookRequest(),
      notification: "sent",
    });
    await jobs.markNotification(job.id, "pending");
    expect(await due()).toContain(job.id);
  });

  it("of a job without a webhook is never due", async () => {
    const job = aJob({ status: "failed", finishedAt: now });
    await jobs.create(job);
    expect(await due()).not.toContain(job.id);
    expect(await jobs.read(job.id)).toEqual(job);
  });

  it("that is gone needs no mark", async () => {
    await jobs.markNotification(aJob().id, "sent");
  });
});

describe("shares of a job", () => {
  it("stand beside its delivery, one by one, and go with the job", async () => {
    const shares = tableShareStore(azurite.clients().tables);
    const { job, delivery } = await opened();
    const share = (id: string) => ({ id, jobId: job.id, index: 0, createdAt: now });
    for (const id of ["shr_a", "shr_b"]) await shares.add(share(id));
    expect(await shares.list(job.id)).toEqual([share("shr_a"), share("shr_b")]);
    expect([await store.read(job.id), await store.readAttempts(job.id)]).toEqual([delivery, []]);
    await shares.remove(job.id, "shr_a");
    await shares.remove(job.id, "shr_a");
    expect(await shares.find(job.id, "shr_a")).toBeUndefined();
    expect(await shares.find(job.id, "shr_b")).toEqual(share("shr_b"));
    await retention.remove(job.id);
    expect(await shares.list(job.id)).toEqual([]);
  });

  it("are a hundred at most", async () => {
    const shares = tableShareStore(azurite.clients().tables);
    const jobId = aJob().id;
    const share = (at: number) => ({ id: `shr_${at}`, jobId, index: 0, createdAt: now });
    await Promise.all(Array.from({ length: maxSharesPerJob }, (_, at) => shares.add(share(at))));
    await expect(shares.add(share(maxSharesPerJob))).rejects.toMatchObject({ code: "conflict" });
  });
});

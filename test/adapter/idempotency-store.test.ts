import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import type { IdempotencyKey } from "../../src/domain/idempotency.ts";
import { ownerTag } from "../../src/domain/job-id.ts";
import type { IdempotencyStore, JobStore } from "../../src/ports/jobs.ts";
import type { JobRecord } from "../../src/ports/records.ts";
import { tableIdempotencyStore } from "../../src/adapters/storage/idempotency-store.ts";
import { knownJobRows, tableJobStore } from "../../src/adapters/storage/job-store.ts";
import type { Tables } from "../../src/adapters/storage/tables.ts";
import { aJob } from "../support/jobs.ts";
import { useAzurite } from "../support/storage.ts";

const azurite = useAzurite();
let tables: Tables;
let jobs: JobStore;
/** As two instances of the app have them. */
let idempotency: IdempotencyStore;
let elsewhere: IdempotencyStore;
beforeAll(() => {
  ({ tables } = azurite.clients());
  jobs = tableJobStore(tables);
  idempotency = tableIdempotencyStore(tables);
  elsewhere = tableIdempotencyStore(azurite.clients().tables);
});

const noon = "2026-01-02T12:00:00.000Z";
const dayAndMore = "2026-01-03T12:00:00.001Z";
const anyName = () => `key-${randomUUID()}`;

function anIdempotencyKey(job: JobRecord, change: Partial<IdempotencyKey> = {}): IdempotencyKey {
  return { kind: "key", tag: ownerTag("job", job.id), name: anyName(), bodyHash: "b", ...change };
}

/** Twenty requests under one idempotency record, at the same time and on two instances. */
async function atOnce(name: string, change: Partial<IdempotencyKey> = {}, createdAt = noon) {
  const asked = Array.from({ length: 20 }, () => aJob({ createdAt }));
  const answers = await Promise.all(
    asked.map(async (job, index) =>
      (index % 2 ? idempotency : elsewhere).record(job, anIdempotencyKey(job, { name, ...change })),
    ),
  );
  const stored = await Promise.all(asked.map(async ({ id }) => jobs.read(id)));
  return { asked, answers, recorded: stored.flatMap((job) => (job ? [job.id] : [])) };
}

describe("a job and its idempotency record", () => {
  // In a transaction, too, Azurite takes a body apart at 64 KB without regard for characters of several bytes.
  it.each(["x".repeat(32_000), "€".repeat(10_000)])("are recorded together", async (prompt) => {
    const job = aJob();
    job.request.prompt = prompt;
    const idempotencyKey = anIdempotencyKey(job);
    expect(await idempotency.find(idempotencyKey)).toBeUndefined();
    expect(await idempotency.record(job, idempotencyKey)).toBeUndefined();
    expect(await jobs.read(job.id)).toEqual(job);
    expect(await idempotency.find(idempotencyKey)).toEqual({
      jobId: job.id,
      bodyHash: "b",
      recordedAt: job.createdAt,
    });
  });

  it("are both left alone by another that comes under the same name: it gets the idempotency record, whatever it asked for", async () => {
    const [first, second] = [aJob(), aJob()];
    const idempotencyKey = anIdempotencyKey(first);
    await idempotency.record(first, idempotencyKey);
    const original = { jobId: first.id, bodyHash: "b", recordedAt: first.createdAt };
    expect(await idempotency.record(second, { ...idempotencyKey, bodyHash: "other" })).toEqual(original);
    expect(await jobs.read(second.id)).toBeUndefined();
    expect(await idempotency.find(idempotencyKey)).toEqual(original);
  });

  it("need no look before the job begins on the instance that recorded them", async () => {
    const known = knownJobRows();
    const unread = new Proxy(tables.jobs, {
      get(target, name) {
        if (name === "getEntity") throw new Error("A row was read.");
        return (Reflect.get(target, name) as () => unknown).bind(target);
      },
    });
    const job = aJob();
    await tableIdempotencyStore(tables, known).record(job, anIdempotencyKey(job));
    const begun = await tableJobStore({ ...tables, jobs: unread }, known).begin(job.id, noon);
    expect(begun).toEqual({ ...job, status: "running", startedAt: noon });
    expect(await jobs.read(job.id)).toEqual(begun);
  });

  it("that met themselves, since the answer to their first writing was lost, are no repetition", async () => {
    for (const kind of ["key", "firstTry"] as const) {
      const job = aJob();
      const idempotencyKey = anIdempotencyKey(job, { kind });
      expect([
        await idempotency.record(job, idempotencyKey),
        await idempotency.record(job, idempotencyKey),
      ]).toEqual([undefined, undefined]);
      expect(await idempotency.find(idempotencyKey)).toMatchObject({ jobId: job.id });
    }
  });

  it("of another caller are another's, under the same name", async () => {
    const [mine, theirs] = [aJob(), aJob({ caller: "key:tablet" })];
    const idempotencyKey = anIdempotencyKey(mine);
    await idempotency.record(mine, idempotencyKey);
    expect(
      await idempotency.record(theirs, anIdempotencyKey(theirs, { name: idempotencyKey.name })),
    ).toBeUndefined();
  });

  it("are no jobs to those who look for open ones", async () => {
    const job = aJob({ createdAt: noon });
    await idempotency.record(job, anIdempotencyKey(job));
    const open: string[] = [];
    for await (const { id } of jobs.listOpen(new Date(dayAndMore))) open.push(id);
    expect(open).toContain(job.id);
    expect(open.every((id) => id.startsWith("job_"))).toBe(true);
  });
});

describe("of twenty at once under one name", () => {
  it("one is recorded, and the others get its idempotency record", async () => {
    const { answers, recorded } = await atOnce(anyName());
    expect(recorded).toHaveLength(1);
    expect(answers.filter((answer) => answer === undefined)).toHaveLength(1);
    for (const answer of answers) if (answer) expect(answer.jobId).toBe(recorded[0]);
  });

  it("one replaces an idempotency record that has had its day", async () => {
    const name = anyName();
    const old = aJob({ createdAt: noon });
    await idempotency.record(old, anIdempotencyKey(old, { name }));
    const { answers, recorded } = await atOnce(name, {}, dayAndMore);
    expect(recorded).toHaveLength(1);
    expect(new Set(answers.map((answer) => answer?.jobId))).toEqual(new Set([undefined, recorded[0]]));
  });

  it("all are recorded if they are first tries: the same picture may be wanted twice", async () => {
    const name = anyName();
    const { answers, recorded, asked } = await atOnce(name, { kind: "firstTry" });
    expect(new Set(answers)).toEqual(new Set([undefined]));
    expect(recorded).toHaveLength(20);
    const original = await idempotency.find(anIdempotencyKey(aJob(), { name }));
    expect(asked.map(({ id }) => id)).toContain(original?.jobId);
  });

  it("one takes a start over, and the next only after it has had its time", async () => {
    const job = aJob({ createdAt: noon });
    const idempotencyKey = anIdempotencyKey(job);
    await idempotency.record(job, idempotencyKey);
    const takeOver = async (now: string) =>
      (
        await Promise.all(
          Array.from({ length: 20 }, async (_, index) =>
            (index % 2 ? idempotency : elsewhere).resume(idempotencyKey, new Date(now)),
          ),
        )
      ).filter(Boolean).length;
    expect(await takeOver("2026-01-02T12:00:04.999Z")).toBe(0);
    expect(await takeOver("2026-01-02T12:00:05.000Z")).toBe(1);
    expect(await takeOver("2026-01-02T12:00:09.999Z")).toBe(0);
    expect(await takeOver("2026-01-02T12:00:10.000Z")).toBe(1);
    expect(await idempotency.find(idempotencyKey)).toMatchObject({ jobId: job.id, recordedAt: noon });
  });
});

it("an idempotency record outlives its job: nothing is recorded under it again", async () => {
  const [deleted, again] = [aJob({ createdAt: noon }), aJob({ createdAt: noon })];
  const idempotencyKey = anIdempotencyKey(deleted);
  await idempotency.record(deleted, idempotencyKey);
  await tables.jobs.deleteEntity(idempotencyKey.tag, deleted.id);
  expect(await idempotency.record(again, idempotencyKey)).toMatchObject({ jobId: deleted.id });
  expect(await jobs.read(again.id)).toBeUndefined();
});

it("sweeping removes old records and nothing else", async () => {
  const [old, young] = [aJob({ createdAt: noon }), aJob({ createdAt: dayAndMore })];
  const [ofOld, ofYoung] = [anIdempotencyKey(old), anIdempotencyKey(young)];
  await idempotency.record(old, ofOld);
  await idempotency.record(young, ofYoung);
  await idempotency.removeExpired(new Date(dayAndMore), new Date(0));
  expect([await idempotency.find(ofOld), await idempotency.find(ofYoung)]).toEqual([
    undefined,
    { jobId: young.id, bodyHash: "b", recordedAt: dayAndMore },
  ]);
  expect([await jobs.read(old.id), await jobs.read(young.id)]).toEqual([old, young]);
  await idempotency.removeExpired(new Date(dayAndMore), new Date(0));
});

it("sweeping leaves an idempotency record that was made anew since it was found", async () => {
  const [old, anew] = [aJob({ createdAt: noon }), aJob({ createdAt: dayAndMore })];
  const idempotencyKey = anIdempotencyKey(old);
  await idempotency.record(old, idempotencyKey);
  const interrupted = new Proxy(tables.jobs, {
    get(target, name) {
      if (name !== "deleteEntity") return (Reflect.get(target, name) as () => unknown).bind(target);
      return async (...row: Parameters<typeof target.deleteEntity>) => {
        if (row[1].includes(idempotencyKey.name))
          await idempotency.record(anew, { ...idempotencyKey, tag: ownerTag("job", anew.id) });
        return target.deleteEntity(...row);
      };
    },
  });
  await tableIdempotencyStore({ ...tables, jobs: interrupted }).removeExpired(
    new Date(dayAndMore),
    new Date(0),
  );
  expect(await idempotency.find(idempotencyKey)).toMatchObject({ jobId: anew.id });
});

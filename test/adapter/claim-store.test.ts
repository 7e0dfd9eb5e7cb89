import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import type { Claim } from "../../src/domain/claim.ts";
import { tagOfId } from "../../src/domain/job-id.ts";
import type { ClaimStore, JobStore } from "../../src/ports.ts";
import type { JobRecord } from "../../src/records.ts";
import { tableClaimStore } from "../../src/storage/claim-store.ts";
import { tableJobStore } from "../../src/storage/job-store.ts";
import type { Tables } from "../../src/storage/tables.ts";
import { aJob } from "../support/jobs.ts";
import { useAzurite } from "../support/storage.ts";

const azurite = useAzurite();
let tables: Tables;
let jobs: JobStore;
/** As two instances of the app have them. */
let claims: ClaimStore;
let elsewhere: ClaimStore;
beforeAll(() => {
  ({ tables } = azurite.clients());
  jobs = tableJobStore(tables);
  claims = tableClaimStore(tables);
  elsewhere = tableClaimStore(azurite.clients().tables);
});

const noon = "2026-01-02T12:00:00.000Z";
const dayAndMore = "2026-01-03T12:00:00.001Z";
const anyName = () => `key-${randomUUID()}`;

function aClaim(job: JobRecord, change: Partial<Claim> = {}): Claim {
  return { kind: "key", tag: tagOfId("job", job.id) ?? "", name: anyName(), bodyHash: "b", ...change };
}

/** Twenty requests under one claim, at the same time and on two instances. */
async function atOnce(name: string, change: Partial<Claim> = {}, createdAt = noon) {
  const asked = Array.from({ length: 20 }, () => aJob({ createdAt }));
  const answers = await Promise.all(
    asked.map(async (job, index) =>
      (index % 2 ? claims : elsewhere).record(job, aClaim(job, { name, ...change })),
    ),
  );
  const stored = await Promise.all(asked.map(async ({ id }) => jobs.read(id)));
  return { asked, answers, recorded: stored.flatMap((job) => (job ? [job.id] : [])) };
}

describe("a job and its claim", () => {
  // In a transaction, too, Azurite takes a body apart at 64 KB without regard for characters of several bytes.
  it.each(["x".repeat(32_000), "€".repeat(10_000)])("are recorded together", async (prompt) => {
    const job = aJob();
    job.request.prompt = prompt;
    const claim = aClaim(job);
    expect(await claims.find(claim)).toBeUndefined();
    expect(await claims.record(job, claim)).toBeUndefined();
    expect(await jobs.read(job.id)).toEqual(job);
    expect(await claims.find(claim)).toEqual({ jobId: job.id, bodyHash: "b", claimedAt: job.createdAt });
  });

  it("are both left alone by another that comes under the same name: it gets the claim, whatever it asked for", async () => {
    const [first, second] = [aJob(), aJob()];
    const claim = aClaim(first);
    await claims.record(first, claim);
    const standing = { jobId: first.id, bodyHash: "b", claimedAt: first.createdAt };
    expect(await claims.record(second, { ...claim, bodyHash: "other" })).toEqual(standing);
    expect(await jobs.read(second.id)).toBeUndefined();
    expect(await claims.find(claim)).toEqual(standing);
  });

  it("that met themselves, since the answer to their first writing was lost, are no repetition", async () => {
    for (const kind of ["key", "firstTry"] as const) {
      const job = aJob();
      const claim = aClaim(job, { kind });
      expect([await claims.record(job, claim), await claims.record(job, claim)]).toEqual([
        undefined,
        undefined,
      ]);
      expect(await claims.find(claim)).toMatchObject({ jobId: job.id });
    }
  });

  it("of another caller are another's, under the same name", async () => {
    const [mine, theirs] = [aJob(), aJob({ caller: "key:tablet" })];
    const claim = aClaim(mine);
    await claims.record(mine, claim);
    expect(await claims.record(theirs, aClaim(theirs, { name: claim.name }))).toBeUndefined();
  });

  it("are no jobs to those who look for open ones", async () => {
    const job = aJob({ createdAt: noon });
    await claims.record(job, aClaim(job));
    const open: string[] = [];
    for await (const { id } of jobs.listOpen(new Date(dayAndMore))) open.push(id);
    expect(open).toContain(job.id);
    expect(open.every((id) => id.startsWith("job_"))).toBe(true);
  });
});

describe("of twenty at once under one name", () => {
  it("one is recorded, and the others get its claim", async () => {
    const { answers, recorded } = await atOnce(anyName());
    expect(recorded).toHaveLength(1);
    expect(answers.filter((answer) => answer === undefined)).toHaveLength(1);
    for (const answer of answers) if (answer) expect(answer.jobId).toBe(recorded[0]);
  });

  it("one replaces a claim that has had its day", async () => {
    const name = anyName();
    const old = aJob({ createdAt: noon });
    await claims.record(old, aClaim(old, { name }));
    const { answers, recorded } = await atOnce(name, {}, dayAndMore);
    expect(recorded).toHaveLength(1);
    expect(new Set(answers.map((answer) => answer?.jobId))).toEqual(new Set([undefined, recorded[0]]));
  });

  it("all are recorded if they are first tries: the same picture may be wanted twice", async () => {
    const name = anyName();
    const { answers, recorded, asked } = await atOnce(name, { kind: "firstTry" });
    expect(new Set(answers)).toEqual(new Set([undefined]));
    expect(recorded).toHaveLength(20);
    const standing = await claims.find(aClaim(aJob(), { name }));
    expect(asked.map(({ id }) => id)).toContain(standing?.jobId);
  });

  it("one takes a start over, and the next only after it has had its time", async () => {
    const job = aJob({ createdAt: noon });
    const claim = aClaim(job);
    await claims.record(job, claim);
    const takeOver = async (now: string) =>
      (
        await Promise.all(
          Array.from({ length: 20 }, async (_, index) =>
            (index % 2 ? claims : elsewhere).resume(claim, new Date(now)),
          ),
        )
      ).filter(Boolean).length;
    expect(await takeOver("2026-01-02T12:00:04.999Z")).toBe(0);
    expect(await takeOver("2026-01-02T12:00:05.000Z")).toBe(1);
    expect(await takeOver("2026-01-02T12:00:09.999Z")).toBe(0);
    expect(await takeOver("2026-01-02T12:00:10.000Z")).toBe(1);
    expect(await claims.find(claim)).toMatchObject({ jobId: job.id, claimedAt: noon });
  });
});

it("a claim outlives its job: nothing is recorded under it again", async () => {
  const [deleted, again] = [aJob({ createdAt: noon }), aJob({ createdAt: noon })];
  const claim = aClaim(deleted);
  await claims.record(deleted, claim);
  await tables.jobs.deleteEntity(claim.tag, deleted.id);
  expect(await claims.record(again, claim)).toMatchObject({ jobId: deleted.id });
  expect(await jobs.read(again.id)).toBeUndefined();
});

it("sweeping removes old claims and nothing else", async () => {
  const [old, young] = [aJob({ createdAt: noon }), aJob({ createdAt: dayAndMore })];
  const [ofOld, ofYoung] = [aClaim(old), aClaim(young)];
  await claims.record(old, ofOld);
  await claims.record(young, ofYoung);
  await claims.sweep(new Date(dayAndMore));
  expect([await claims.find(ofOld), await claims.find(ofYoung)]).toEqual([
    undefined,
    { jobId: young.id, bodyHash: "b", claimedAt: dayAndMore },
  ]);
  expect([await jobs.read(old.id), await jobs.read(young.id)]).toEqual([old, young]);
  await claims.sweep(new Date(dayAndMore));
});

it("sweeping leaves a claim that was made anew since it was found", async () => {
  const [old, anew] = [aJob({ createdAt: noon }), aJob({ createdAt: dayAndMore })];
  const claim = aClaim(old);
  await claims.record(old, claim);
  const interrupted = new Proxy(tables.jobs, {
    get(target, name) {
      if (name !== "deleteEntity") return (Reflect.get(target, name) as () => unknown).bind(target);
      return async (...row: Parameters<typeof target.deleteEntity>) => {
        if (row[1].includes(claim.name))
          await claims.record(anew, { ...claim, tag: tagOfId("job", anew.id)! });
        return target.deleteEntity(...row);
      };
    },
  });
  await tableClaimStore({ ...tables, jobs: interrupted }).sweep(new Date(dayAndMore));
  expect(await claims.find(claim)).toMatchObject({ jobId: anew.id });
});

import { expect, it } from "vitest";
import { subjectCaller } from "../../../src/domain/identity.ts";
import type { CallerLimits } from "../../../src/domain/quota/account.ts";
import { accountedJobs, jobAccounts } from "../../../src/jobs/job-accounts.ts";
import { FakeClock, MemoryCallerAccounts, MemoryJobStore } from "../../support/fakes.ts";
import { aJob } from "../../support/jobs.ts";

const phone = "key:phone";

/** One owner with limits; jobs are recorded as they are entered. */
function counting(limits: CallerLimits) {
  const clock = new FakeClock("2026-03-04T05:06:15.000Z");
  const store = new MemoryJobStore([]);
  const accounts = new MemoryCallerAccounts();
  const limitsOf = (owner: string) => (owner === phone ? limits : undefined);
  const counted = jobAccounts({ accounts, limitsOf, jobs: store, clock });
  const jobs = accountedJobs(store, { close: (job) => counted.close(job), warn: () => {} });
  let made = 0;
  async function enter(caller = phone) {
    made += 1;
    const job = aJob({ id: `job-${made}`, caller });
    const entered = await counted.enter(job);
    await store.create(job);
    return { ...entered, id: job.id };
  }
  const end = (id: string) =>
    jobs.end(id, () => ({ end: { status: "canceled", finishedAt: clock.now().toISOString() }, slots: [] }));
  return { clock, store, accounts, enter, end };
}

it("a caller has so many open jobs, and another when one has ended", async () => {
  const { enter, end } = counting({ openJobs: 2 });
  const { id } = await enter();
  await enter();
  await expect(enter()).rejects.toMatchObject({
    ...{ code: "throttled", retryAfterSeconds: 10, rateLimit: { name: "open-jobs", quota: 2 } },
  });
  await end(id);
  await enter();
});

it("the subjects of a caller's tokens count with it, and other callers don't", async () => {
  const { enter } = counting({ openJobs: 2 });
  await enter(subjectCaller(phone, "ann"));
  await enter(subjectCaller(phone, "bob"));
  await expect(enter()).rejects.toMatchObject({ code: "throttled" });
  await expect(enter(subjectCaller(phone, "eve"))).rejects.toMatchObject({ code: "throttled" });
  await enter("key:other");
});

it("a caller has so many jobs in a minute of the clock, ended or not, and is told when the next begins", async () => {
  const { clock, enter, end } = counting({ jobsPerMinute: 2 });
  await end((await enter()).id);
  await end((await enter()).id);
  await expect(enter()).rejects.toMatchObject({
    ...{ retryAfterSeconds: 45 },
    rateLimit: { name: "jobs-per-minute", quota: 2, windowSeconds: 60, resetSeconds: 45 },
  });
  clock.pass(45_000);
  await enter();
});

it("a job that wasn't made after all is open no more", async () => {
  const { enter } = counting({ openJobs: 1 });
  const { leave } = await enter();
  await leave();
  await enter();
});

it("an entry that nobody closed is closed when the account is full: of a job that has ended, or was never recorded", async () => {
  const { clock, store, accounts, enter } = counting({ openJobs: 2 });
  const { id } = await enter();
  // Its process died before it could close it.
  await store.end(id, () => ({
    end: { status: "canceled", finishedAt: clock.now().toISOString() },
    slots: [],
  }));
  await accounts.change(phone, "unrecorded", ({ account }) => ({
    account: { ...account, openJobs: account.openJobs + 1 },
    entry: { enteredAt: clock.now().getTime() },
  }));
  await enter();
  // It may be about to be recorded.
  await expect(enter()).rejects.toMatchObject({ code: "throttled" });
  clock.pass(10 * 60_000);
  await enter();
  await expect(enter()).rejects.toMatchObject({ code: "throttled" });
});

it("a caller without limits costs nothing", async () => {
  const { accounts, enter, end } = counting({ openJobs: 1 });
  await end((await enter("key:other")).id);
  expect(accounts.changes).toBe(0);
});

import { expect, it } from "vitest";
import { subjectCaller } from "../../../src/domain/identity.ts";
import type { CallerLimits } from "../../../src/domain/quota/account.ts";
import { accountedJobs, jobAccounts, withSpendCap } from "../../../src/jobs/job-accounts.ts";
import { FakeClock, MemoryCallerAccounts, MemoryJobStore } from "../../support/fakes.ts";
import { knownModels } from "../../../src/domain/model-catalogue.ts";
import { resolveDeployments } from "../../../src/domain/deployment.ts";
import { aJob } from "../../support/jobs.ts";

const phone = "key:phone";
const offers = resolveDeployments([{ name: "dalle3", model: "dall-e-3", kind: "azure" }], knownModels);
const request = { prompt: "a cat", n: 1, size: "1024x1024" };
const price = { currency: "USD", perImage: 40_000 };
const budget = { amount: 400_000, currency: "USD", period: "month" } as const;

/** One owner with limits; jobs are recorded as they are entered. */
function counting(limits: CallerLimits, accounts = new MemoryCallerAccounts()) {
  const clock = new FakeClock("2026-03-04T05:06:15.000Z");
  const store = new MemoryJobStore([]);
  const limitsOf = async (owner: string) => (owner === phone ? limits : undefined);
  const counted = jobAccounts({ accounts, limitsOf, jobs: store, clock, offers });
  const jobs = accountedJobs(store, { close: (job) => counted.close(job), warn: () => {} });
  let made = 0;
  async function enter(caller = phone) {
    made += 1;
    const job = aJob({ id: `job-${made}`, caller, deployment: "dalle3", price, request });
    const entered = await counted.enter(job);
    await store.create(job);
    return { ...entered, job, id: job.id };
  }
  const end = (id: string) =>
    jobs.end(id, () => ({ end: { status: "canceled", finishedAt: clock.now().toISOString() }, slots: [] }));
  return { clock, store, accounts, counted, enter, end };
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
    entry: { enteredAt: clock.now().getTime(), reserved: 0, repeats: {} },
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

it("of a hundred jobs, a budget for ten lets ten pass, and says what is left and when it renews", async () => {
  const { enter } = counting({ budget });
  const asked = await Promise.allSettled(Array.from({ length: 100 }, () => enter()));
  expect(asked.filter(({ status }) => status === "fulfilled")).toHaveLength(10);
  const refusal = enter();
  await expect(refusal).rejects.toMatchObject({ code: "budgetExceeded" });
  await expect(refusal).rejects.toThrow("0 USD are left");
  await expect(refusal).rejects.toThrow("renews at 2026-04-01T00:00:00.000Z");
});

it("what a job did not spend is given back when it ends, and a new period begins with nothing spent", async () => {
  const { clock, store, enter, end } = counting({ budget: { ...budget, amount: 80_000 } });
  const [refused, paid] = [await enter(), await enter()];
  await expect(enter()).rejects.toMatchObject({ code: "budgetExceeded" });
  store.arrange(refused.id, { call: 0, inDoubt: [], duplicates: [], outcome: { kind: "refused" } }, []);
  await end(refused.id);
  const next = await enter();
  // Nobody saw the end of its call: it counts as spent.
  for (const { id } of [paid, next]) {
    store.arrange(id, { call: 0, inDoubt: ["a"], duplicates: [] }, []);
    await end(id);
  }
  await expect(enter()).rejects.toMatchObject({ code: "budgetExceeded" });
  clock.pass(31 * 86_400_000);
  await enter();
});

it("what is sent again while the first send is in doubt is reserved anew, once for each send", async () => {
  const { counted, enter } = counting({ budget: { ...budget, amount: 80_000 } });
  const { job } = await enter();
  const again = (inDoubt: number) => counted.reserveRepeat(job, { call: 0, images: 1, inDoubt });
  expect(await again(1)).toBeUndefined();
  expect(await again(1)).toBeUndefined();
  expect(await again(2)).toMatchObject({ code: "budgetExceeded" });
  await expect(enter()).rejects.toMatchObject({ code: "budgetExceeded" });
});

it("what was reserved for a job that was never recorded is given back after ten minutes, once", async () => {
  const { clock, counted, enter } = counting({ budget: { ...budget, amount: 40_000 } });
  // Its request died between the two, or storage's answer was lost.
  await counted.enter(aJob({ id: "unrecorded", caller: phone, deployment: "dalle3", price, request }));
  await expect(enter()).rejects.toMatchObject({ code: "budgetExceeded" });
  clock.pass(10 * 60_000);
  await enter();
  await expect(enter()).rejects.toMatchObject({ code: "budgetExceeded" });
});

it("a job without a price in the budget's currency is refused", async () => {
  const { enter } = counting({ budget: { ...budget, currency: "EUR" } });
  await expect(enter()).rejects.toMatchObject({ code: "budgetExceeded" });
});

it("what a token may spend is all that its jobs cost, over whatever its owner may", async () => {
  const { clock, counted, enter } = counting({ budget });
  const token = { id: "t1", subject: "ann", expiresAt: "2026-03-05T00:00:00.000Z", maxJobs: 100 };
  const grant = { ...token, maxSpend: { amount: 80_000, currency: "USD" } };
  const facts = { caller: subjectCaller(phone, "ann"), deployment: "dalle3", price, request };
  const asked = await Promise.allSettled(
    Array.from({ length: 20 }, (_, at) =>
      counted.enter(withSpendCap(aJob({ ...facts, id: `leaked-${at}` }), grant)),
    ),
  );
  expect(asked.filter(({ status }) => status === "fulfilled")).toHaveLength(2);
  expect(await counted.budgetOf(facts.caller, grant)).toMatchObject({ left: 0, reserved: 80_000 });
  // What was refused to it is its owner's to spend.
  expect(await counted.budgetOf(phone, undefined)).toMatchObject({ left: 320_000, reserved: 80_000 });
  const job = withSpendCap(aJob({ ...facts, id: "leaked-0" }), grant);
  const repeat = { call: 0, images: 1, inDoubt: 1 };
  expect((await counted.reserveRepeat(job, repeat))?.message).toContain("that this token may spend");
  clock.pass(1_000);
  await enter();
});

it("a check says what an entry would say, and counts nothing", async () => {
  const { counted, enter } = counting({ budget: { ...budget, amount: 40_000 } });
  const job = aJob({ id: "dry", caller: phone, deployment: "dalle3", price, request });
  await counted.check(job);
  await counted.check(job);
  await enter();
  await expect(counted.check(job)).rejects.toMatchObject({ code: "budgetExceeded" });
});

/** Storage whose answer is lost after each write, so that it is written again. */
class LossyAccounts extends MemoryCallerAccounts {
  override async change(...change: Parameters<MemoryCallerAccounts["change"]>): Promise<void> {
    await super.change(...change);
    await super.change(...change);
  }
}

it("what storage's lost answers have written again is reserved once, and given back once", async () => {
  const { counted, enter, end } = counting({ budget: { ...budget, amount: 120_000 } }, new LossyAccounts());
  const [first, second] = [await enter(), await enter()];
  await counted.reserveRepeat(second.job, { call: 0, images: 1, inDoubt: 1 });
  expect(await counted.budgetOf(phone, undefined)).toMatchObject({ reserved: 120_000, left: 0 });
  await end(first.id);
  expect(await counted.budgetOf(phone, undefined)).toMatchObject({ reserved: 80_000, left: 40_000 });
});

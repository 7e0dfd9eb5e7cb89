import { expect, it } from "vitest";
import {
  type DeploymentQuota,
  type ResolvedDeployment,
  resolveDeployments,
} from "../../../src/domain/deployment.ts";
import type { AppError } from "../../../src/domain/app-error.ts";
import { knownModels } from "../../../src/domain/model-catalogue.ts";
import { subjectCaller } from "../../../src/domain/identity.ts";
import { emptyPool } from "../../../src/domain/quota/pool-state.ts";
import { isAnywhere } from "../../../src/jobs/create-job-record.ts";
import { jobQueue } from "../../../src/jobs/job-queue.ts";
import { FakeClock, MemoryQuotaPools } from "../../support/fakes.ts";
import { aJob } from "../../support/jobs.ts";

const sixAMinute = { requests: { count: 6, windowMs: 60_000 } };

/** Two deployments of dall-e-3 with a pool of each, and one of which no limit is known. */
function aQueue() {
  const clock = new FakeClock();
  const quotaPools = new MemoryQuotaPools();
  const quotas = new Map<string, DeploymentQuota>(
    ["sweden", "poland"].map((pool) => [pool, { pool, limits: sixAMinute }]),
  ).set("free", { pool: "free", limits: {} });
  const offers = resolveDeployments(
    [
      { name: "sweden", model: "dall-e-3", kind: "azure" },
      { name: "poland", model: "dall-e-3", kind: "azure" },
      { name: "free", model: "gpt-image-1", kind: "azure" },
    ],
    knownModels,
  );
  const job = (n: number, mayWaitMs = 1_800_000, deployment = "sweden") => {
    // Jobs come one after another; who came first is told by the millisecond.
    clock.pass(1);
    const queueDeadline = new Date(clock.ms + mayWaitMs).toISOString();
    const request = { prompt: "a cat", n, size: "1024x1024" };
    return aJob({ deployment, request, createdAt: clock.now().toISOString(), queueDeadline });
  };
  return { clock, quotaPools, job, queue: jobQueue({ clock, quotaPools, quotas, offers }) };
}

it("a job takes a place for each of its calls, and gives them up when no job comes of it", async () => {
  const { queue, quotaPools, job } = aQueue();
  const { leave } = await queue.join(job(4));
  expect((await quotaPools.read("sweden")).waiting).toHaveLength(4);
  leave();
  expect((await quotaPools.read("sweden")).waiting).toHaveLength(0);
});

it("a job that would begin after its queue deadline is refused, with the wait after which it would not", async () => {
  const { queue, quotaPools, job } = aQueue();
  for (let times = 0; times < 3; times += 1) await queue.join(job(10));
  const refusal = await queue.join(job(1, 60_000)).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: "throttled" });
  // Thirty at six a minute: five minutes, of which it may wait one.
  const { retryAfterSeconds } = refusal as AppError;
  expect(retryAfterSeconds).toBeGreaterThan(0.8 * 240);
  expect(retryAfterSeconds).toBeLessThan(1.2 * 240);
  expect((await quotaPools.read("sweden")).waiting).toHaveLength(30);
  await expect(queue.join(job(1, 400_000))).resolves.toBeDefined();
});

it("a job of whose deployment no limit is known waits for nothing, until its pool has learnt one", async () => {
  const { clock, queue, quotaPools, job } = aQueue();
  await queue.join(job(10, 1, "free"));
  expect(quotaPools.states.size).toBe(0);
  const reported = { requests: { count: 3, windowMs: 60_000 }, at: clock.ms };
  quotaPools.states.set("free", { ...emptyPool, learnt: { reported } });
  await queue.join(job(10, 1_800_000, "free"));
  expect((await quotaPools.read("free")).waiting).toHaveLength(1);
});

it("a job that names no deployment goes where it can begin soonest, among those of its model", async () => {
  const { queue, job } = aQueue();
  const anywhere = () => ({ ...job(1), anyDeployment: true as const });
  expect((await queue.place(anywhere())).deployment).toBe("sweden");
  await queue.join(job(10));
  expect((await queue.place(anywhere())).deployment).toBe("poland");
  expect((await queue.place(job(1))).deployment).toBe("sweden");
});

it("the subjects of a caller's tokens take turns as that caller", async () => {
  const { queue, quotaPools, job } = aQueue();
  for (const subject of ["ann", "bob"])
    await queue.join({ ...job(1), caller: subjectCaller("key:phone", subject) });
  const { waiting } = await quotaPools.read("sweden");
  expect(waiting.map(({ caller }) => caller)).toEqual(["key:phone", "key:phone"]);
});

it.each([
  ["names none", {}, undefined, true],
  ["names one", { deployment: "sweden" }, undefined, undefined],
  ["asks for a name that another model stands in for", {}, { name: "old" }, undefined],
])("a job may run at any deployment of its model, or not: its request %s", (_, asked, alias, expected) => {
  const [offer] = resolveDeployments([{ name: "sweden", model: "dall-e-3", kind: "azure" }], knownModels);
  expect(isAnywhere(asked, { ...offer, ...(alias && { alias }) } as ResolvedDeployment)).toBe(expected);
});

import { beforeAll, describe, expect, it } from "vitest";
import { maxHooks } from "../../src/domain/hook.ts";
import type { DeliveryStore, HookStore } from "../../src/ports/deliveries.ts";
import type { JobStore } from "../../src/ports/jobs.ts";
import type { DeliveryRecord } from "../../src/ports/records.ts";
import { tableCallbackStore } from "../../src/adapters/storage/callback-store.ts";
import { tableDeliveryStore } from "../../src/adapters/storage/delivery-store.ts";
import { tableHookStore } from "../../src/adapters/storage/hook-store.ts";
import { tableJobRetention } from "../../src/adapters/storage/job-removal.ts";
import { tableJobStore } from "../../src/adapters/storage/job-store.ts";
import { aJob } from "../support/jobs.ts";
import { useAzurite } from "../support/storage.ts";
import { aCallback, aHook, anEndedJob } from "../support/webhook-jobs.ts";

const azurite = useAzurite();
let hooks: HookStore;
let jobs: JobStore;
let deliveries: DeliveryStore;
beforeAll(() => {
  const { tables } = azurite.clients();
  hooks = tableHookStore(tables);
  jobs = tableJobStore(tables);
  deliveries = tableDeliveryStore(tables);
});

/** A caller of each test's own. */
const someone = () => ({ caller: `key:${crypto.randomUUID()}` });

describe("a hook", () => {
  it("is kept as it was asked for, among those of its caller alone", async () => {
    const own = someone();
    const hook = aHook(own, { model: "dall-e-3", tag: "demo", outcome: "failed" });
    await hooks.subscribe(hook);
    await hooks.subscribe(aHook(someone()));
    expect([await hooks.list(hook.callerTag), await hooks.read(hook.callerTag, hook.name)]).toEqual([
      [hook],
      hook,
    ]);
    expect(await hooks.read(hook.callerTag, "f".repeat(32))).toBeUndefined();
    expect(await hooks.list("000000000000")).toEqual([]);
  });

  it("that is asked for again is one hook: the latest requests win, and it stands since the first", async () => {
    const hook = aHook(someone(), { model: "dall-e-3", tag: "demo" });
    await hooks.subscribe(hook);
    const { model, tag, ...wider } = { ...hook, createdAt: "2027-01-01T00:00:00.000Z", renewedAt: "2027" };
    await Promise.all(Array.from({ length: 4 }, () => hooks.subscribe(wider)));
    expect([model, tag, await hooks.list(hook.callerTag)]).toEqual([
      "dall-e-3",
      "demo",
      [{ ...wider, createdAt: hook.createdAt }],
    ]);
  });

  it("asked for by many at once, for the first time, is one hook", async () => {
    const hook = aHook(someone());
    await Promise.all(Array.from({ length: 40 }, () => hooks.subscribe(hook)));
    expect(await hooks.list(hook.callerTag)).toEqual([hook]);
  });

  it("is removed once, and as often as is asked", async () => {
    const hook = aHook(someone());
    await hooks.subscribe(hook);
    await hooks.remove(hook);
    await hooks.remove(hook);
    expect(await hooks.list(hook.callerTag)).toEqual([]);
  });

  it("is dropped as it was read, and stays when it was asked for anew since", async () => {
    const [dropped, renewed] = [aHook(someone()), aHook(someone())];
    for (const hook of [dropped, renewed]) await hooks.subscribe(hook);
    await hooks.subscribe({ ...renewed, renewedAt: "2027-01-01T00:00:00.000Z" });
    for (const hook of [dropped, renewed, renewed]) await hooks.drop(hook);
    await hooks.drop(dropped);
    expect(await hooks.list(dropped.callerTag)).toEqual([]);
    expect(await hooks.list(renewed.callerTag)).toHaveLength(1);
  });

  it(`is refused after ${maxHooks} others, and not when it stands among them`, async () => {
    const own = someone();
    const all = Array.from({ length: maxHooks }, () => aHook(own));
    for (const hook of all) await hooks.subscribe(hook);
    await expect(hooks.subscribe(aHook(own))).rejects.toMatchObject({ code: "conflict" });
    await hooks.subscribe(all[0]!);
    // Another caller whose tag is the same has room of its own.
    await hooks.subscribe({ ...aHook(own), caller: "key:namesake" });
    await hooks.remove(all[1]!);
    await hooks.subscribe(aHook(own));
  });
});

describe("a job's callbacks", () => {
  const store = () => tableCallbackStore(azurite.clients().tables);

  it("stand on its row from its first write on, and through its whole life", async () => {
    const callback = aCallback({ includeContent: true });
    const job = aJob({ callbacks: [callback], notification: "pending" });
    await jobs.create(job);
    expect(await jobs.read(job.id)).toEqual(job);
    await jobs.begin(job.id, job.createdAt);
    await jobs.end(job.id, async () => ({
      end: { status: "failed", finishedAt: "2026-01-02T03:04:09.000Z" },
      slots: [],
    }));
    expect(await jobs.read(job.id)).toMatchObject({
      status: "failed",
      callbacks: [callback],
      notification: "pending",
    });
  });

  it("are added and forgotten by name, by many at once, and nothing else of the row is touched", async () => {
    const job = aJob({ callbacks: [], notification: "pending", tags: ["demo"] });
    await jobs.create(job);
    const [first, ...others] = Array.from({ length: 5 }, () => aCallback());
    await Promise.all([first!, ...others].map((callback) => store().bind(job.id, callback)));
    await store().bind(job.id, first!);
    const [released] = await Promise.all([
      store().release(job.id, first!.name),
      jobs.begin(job.id, "2026-01-02T03:04:06.000Z"),
    ]);
    expect(released?.callbacks).toHaveLength(4);
    const row = await jobs.read(job.id);
    expect(row).toMatchObject({ status: "running", notification: "pending", tags: ["demo"] });
    expect(new Set(row?.callbacks)).toEqual(new Set(others));
    for (const { name } of others) await store().release(job.id, name);
    expect((await store().release(job.id, first!.name))?.callbacks).toEqual([]);
  });

  it("are eight at most, and one that is there already is no ninth", async () => {
    const callbacks = Array.from({ length: 8 }, () => aCallback());
    const job = aJob({ callbacks });
    await jobs.create(job);
    await store().bind(job.id, callbacks[3]!);
    await expect(store().bind(job.id, aCallback())).rejects.toMatchObject({ code: "conflict" });
  });

  it("of a job that is gone are gone", async () => {
    const { id } = aJob();
    expect([await store().bind(id, aCallback()), await store().release(id, "a")]).toEqual([
      undefined,
      undefined,
    ]);
  });
});

describe("deliveries of one job", () => {
  const at = "2026-01-02T03:04:10.000Z";
  const targets = [
    undefined,
    `callback_${"a".repeat(32)}`,
    `hook_${"a".repeat(32)}`,
    `hook_${"b".repeat(32)}`,
  ] as const;
  const pendingOf = (jobId: string, target: (typeof targets)[number]): DeliveryRecord => ({
    ...{ jobId, event: "job.succeeded", status: "pending", round: 1, createdAt: at },
    next: { attempt: 1, at },
    ...(target && { target }),
  });

  it("are one for each target, each with its own tries and its own end", async () => {
    const job = anEndedJob();
    await jobs.create(job);
    for (const target of targets) await deliveries.open(pendingOf(job.id, target));
    for (const [index, target] of targets.entries()) {
      const { next, ...rest } = pendingOf(job.id, target);
      const tried = { round: 1, attempt: index + 1, at, durationMs: 1, status: 200 };
      await deliveries.record({ ...rest, status: index % 2 === 0 ? "delivered" : "disabled" }, tried);
      expect(next?.attempt).toBe(1);
    }
    for (const [index, target] of targets.entries()) {
      expect(await deliveries.read(job.id, target)).toMatchObject({
        status: index % 2 === 0 ? "delivered" : "disabled",
        ...(target && { target }),
      });
      expect((await deliveries.readAttempts(job.id, target)).map(({ attempt }) => attempt)).toEqual([
        index + 1,
      ]);
    }
  });

  it("are opened once each, by however many at once", async () => {
    const job = anEndedJob();
    await jobs.create(job);
    const opened = await Promise.all(
      [0, 1, 2, 3].map((minute) =>
        deliveries.open({ ...pendingOf(job.id, targets[1]), createdAt: `2026-01-02T03:0${minute}:10.000Z` }),
      ),
    );
    expect(new Set(opened.map((one) => one?.createdAt)).size).toBe(1);
  });

  it("go with their job; hooks stay", async () => {
    const job = anEndedJob();
    const hook = aHook(job);
    await jobs.create(job);
    await hooks.subscribe(hook);
    for (const target of targets) await deliveries.open(pendingOf(job.id, target));
    await tableJobRetention(azurite.clients().tables).remove(job.id);
    for (const target of targets) expect(await deliveries.read(job.id, target)).toBeUndefined();
    expect(await hooks.read(hook.callerTag, hook.name)).toEqual(hook);
  });
});

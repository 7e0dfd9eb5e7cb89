import { describe, expect, it } from "vitest";
import { finishJobWith } from "../../../src/activities/finish-job.ts";
import { renderImagesWith } from "../../../src/activities/render-images.ts";
import { errorInfo, UpstreamError } from "../../../src/domain/app-error.ts";
import type { ReplyItem, UpstreamReply } from "../../../src/ports/image-model.ts";
import {
  callSupport,
  FakeClock,
  MemoryImageStore,
  MemoryJobStore,
  noAccounts,
  onlyModel,
  type Scripted,
  type ScriptedImage,
  ScriptedImageModel,
} from "../../support/fakes.ts";
import { FakeInputFiles } from "../../support/edit-fakes.ts";
import { aJob } from "../../support/jobs.ts";
import { aPng } from "../../support/pictures.ts";

const item = (mark = 0): ScriptedImage => ({
  kind: "image",
  bytes: aPng(1024, 768, mark),
  revisedPrompt: "a fine cat",
});
const images = (...items: (ReplyItem | ScriptedImage)[]) => ({ kind: "images" as const, items });
const cut = () => new UpstreamError("the connection broke", { mayBeBilled: true });
const unreached = () => new UpstreamError("the service could not be reached", { mayBeBilled: false });
const throttled: UpstreamReply = { kind: "throttled", retryAfterMs: 4_000 };

async function aCall(slots: number[], ...script: Scripted[]) {
  const clock = new FakeClock();
  const jobs = new MemoryJobStore();
  const store = new MemoryImageStore();
  const model = new ScriptedImageModel(...script);
  const job = aJob({ status: "running", request: { prompt: "a cat", n: slots.length, size: "1024x1024" } });
  await jobs.create(job);
  const step = { jobId: job.id, call: 0, slots, deadline: clock.ms + 60_000 };
  const accounts = { ...noAccounts };
  const run = async () =>
    renderImagesWith({
      ...callSupport(clock),
      accounts,
      jobs,
      images: store,
      models: onlyModel(model),
      inputs: new FakeInputFiles(),
    })(step);
  /** Runs the step until it doesn't throw, as the orchestration's retry does. */
  const runToEnd = async (): Promise<unknown> => run().catch(async () => runToEnd());
  const progress = async () => jobs.readProgress(job.id);
  const repeatedCalls = async () => {
    await finishJobWith({ jobs, images: store, clock })({ jobId: job.id });
    return (await jobs.read(job.id))?.repeatedCalls;
  };
  return { clock, jobs, store, model, job, step, accounts, run, runToEnd, progress, repeatedCalls };
}

describe("a call that brings its images", () => {
  it("stores them and records where they are", async () => {
    const call = await aCall([3, 4], images(item(1), item(2)));
    expect(await call.run()).toEqual({ kind: "stored" });
    const { slots, calls } = await call.progress();
    expect(slots).toMatchObject([
      {
        state: "stored",
        index: 3,
        blob: `${call.job.id}/3.png`,
        width: 1024,
        height: 768,
        revisedPrompt: "a fine cat",
      },
      { state: "stored", index: 4, blob: `${call.job.id}/4.png`, contentType: "image/png", bytes: 46 },
    ]);
    expect(calls).toEqual([{ call: 0, inDoubt: [], duplicates: [], outcome: { kind: "stored" } }]);
    expect(call.model.renders).toMatchObject([{ images: 2, request: { prompt: "a cat" } }]);
  });

  it("stores an image before it records it: a record never points at nothing", async () => {
    const call = await aCall([0], images(item()));
    call.store.outage.of("put");
    await expect(call.run()).rejects.toThrow("storage is away");
    expect((await call.progress()).slots).toEqual([]);
  });

  it("is not sent again when its step is run again", async () => {
    const call = await aCall([0], images(item()));
    expect([await call.run(), await call.run()]).toEqual([{ kind: "stored" }, { kind: "stored" }]);
    expect(call.model.renders).toHaveLength(1);
  });

  it("fails those slots alone that got no usable image", async () => {
    const text: ScriptedImage = { kind: "image", bytes: new TextEncoder().encode("<html>") };
    const lost: ReplyItem = { kind: "lost", failure: errorInfo("contentFilter", "Refused.") };
    const call = await aCall([0, 1, 2, 3], images(item(), text, lost));
    expect(await call.run()).toEqual({ kind: "stored" });
    expect((await call.progress()).slots).toMatchObject([
      { state: "stored", index: 0 },
      {
        state: "failed",
        index: 1,
        failure: { message: expect.stringContaining("not a usable image") as string },
      },
      { state: "failed", index: 2, failure: { code: "contentFilter" } },
      { state: "failed", index: 3, failure: { message: expect.stringContaining("fewer images") as string } },
    ]);
  });

  it("keeps a result of an unknown kind as it came, and advises nobody to buy it again", async () => {
    const bytes = new TextEncoder().encode("a picture of next year's kind");
    const call = await aCall([0], images({ kind: "image", bytes }));
    expect(await call.run()).toEqual({ kind: "stored" });
    const blob = `${call.job.id}/0.bin`;
    expect((await call.progress()).slots).toMatchObject([
      { failure: { retryable: false }, file: { blob, contentType: "application/octet-stream", bytes: 29 } },
    ]);
    expect(call.store.blobs.get(blob)?.bytes).toEqual(bytes);
  });

  it("keeps a picture that was cut short, which may be whole another time", async () => {
    const whole = aPng();
    const call = await aCall([0], images({ kind: "image", bytes: whole.subarray(0, -20) }));
    await call.run();
    expect((await call.progress()).slots).toMatchObject([
      { failure: { retryable: true }, file: { contentType: "image/png", bytes: whole.length - 20 } },
    ]);
  });

  it("drops images that nobody asked for", async () => {
    const call = await aCall([0], images(item(1), item(2)));
    await call.run();
    expect([...call.store.blobs.keys()]).toEqual([`${call.job.id}/0.png`]);
  });
});

describe("a call that brings none", () => {
  const refused: UpstreamReply = { kind: "refused", failure: errorInfo("contentFilter", "Refused.") };
  const rejected: UpstreamReply = { kind: "rejected", failure: errorInfo("upstreamRejected", "No.") };
  const blocked: UpstreamReply = { kind: "accountBlocked", failure: errorInfo("accountBlocked", "No.") };

  it.each([
    [refused, { kind: "refused" }, "contentFilter"],
    [rejected, rejected, "upstreamRejected"],
    [blocked, blocked, "accountBlocked"],
  ])("as %j settles its slots and is asked once", async (reply, outcome, code) => {
    const call = await aCall([0, 1], reply);
    expect([await call.run(), await call.run()]).toEqual([outcome, outcome]);
    expect((await call.progress()).slots).toMatchObject([{ failure: { code } }, { failure: { code } }]);
    expect(call.model.renders).toHaveLength(1);
  });

  it("because it is throttled settles nothing, and is sent again when it is run again", async () => {
    const call = await aCall([0], throttled, images(item()));
    expect(await call.run()).toEqual(throttled);
    expect((await call.progress()).slots).toEqual([]);
    expect(await call.run()).toEqual({ kind: "stored" });
  });
});

describe("a call after its deadline", () => {
  it("is not sent; its slots say why", async () => {
    const call = await aCall([0]);
    call.clock.pass(60_000);
    expect(await call.run()).toMatchObject({ kind: "rejected", failure: { code: "deadlineExceeded" } });
    expect(call.model.renders).toEqual([]);
    const { slots, calls } = await call.progress();
    expect([slots, calls]).toMatchObject([[{ failure: { code: "deadlineExceeded" } }], []]);
  });

  it("keeps what an earlier run stored", async () => {
    const call = await aCall([0, 1], cut());
    await expect(call.run()).rejects.toThrow();
    await storeUnrecorded(call, 1);
    call.clock.pass(60_000);
    await call.run();
    expect((await call.progress()).slots).toMatchObject([
      { state: "stored", index: 1 },
      { state: "failed", index: 0 },
    ]);
    expect(await call.repeatedCalls()).toBeUndefined();
  });
});

type Call = Awaited<ReturnType<typeof aCall>>;

/** What a process leaves behind that died between storing an image and recording it. */
async function storeUnrecorded({ store, job }: Call, index: number): Promise<void> {
  const bytes = aPng();
  const image = { index, width: 1024, height: 1024, bytes: bytes.byteLength, sha256: "00" };
  await store.put(`${job.id}/${index}.png`, bytes, { contentType: "image/png", image });
}

describe("a call whose end nobody saw six times", () => {
  it("is not sent a seventh time, and says so", async () => {
    const call = await aCall([0, 1], ...Array.from({ length: 6 }, cut));
    for (let send = 0; send < 6; send += 1) await expect(call.run()).rejects.toThrow();
    expect(await call.run()).toEqual({ kind: "lost" });
    expect(call.model.renders).toHaveLength(6);
    expect((await call.progress()).slots).toMatchObject([
      { failure: { code: "upstreamUnavailable" } },
      { failure: { code: "upstreamUnavailable" } },
    ]);
    expect(await call.repeatedCalls()).toBe(5);
  });
});

describe("a call whose earlier run was cut off", () => {
  it("is not paid again when all its images are found", async () => {
    const call = await aCall([0, 1], cut());
    await expect(call.run()).rejects.toThrow();
    await storeUnrecorded(call, 0);
    await storeUnrecorded(call, 1);
    expect(await call.run()).toEqual({ kind: "stored" });
    expect(call.model.renders).toHaveLength(1);
    expect((await call.progress()).slots).toMatchObject([{ state: "stored" }, { state: "stored" }]);
    expect(await call.repeatedCalls()).toBeUndefined();
  });

  it("asks for the missing slots only", async () => {
    const call = await aCall([4, 5, 6], cut(), images(item(1), item(2)));
    await expect(call.run()).rejects.toThrow();
    await storeUnrecorded(call, 5);
    expect(await call.run()).toEqual({ kind: "stored" });
    expect(call.model.renders.map(({ images: n }) => n)).toEqual([3, 2]);
    const { slots } = await call.progress();
    expect(slots.map((slot) => [slot.index, slot.state])).toEqual([
      [5, "stored"],
      [4, "stored"],
      [6, "stored"],
    ]);
    expect(call.store.blobs.get(`${call.job.id}/6.png`)?.bytes).toEqual(aPng(1024, 768, 2));
  });

  it("reserves what is sent again, and isn't sent where there is no budget for it", async () => {
    const call = await aCall([0, 1], cut(), cut(), images(item()));
    const repeats: unknown[] = [];
    const failures = [undefined, errorInfo("budgetExceeded", "Nothing is left.")];
    call.accounts.reserveRepeat = async (_job, repeat) => failures[repeats.push(repeat) - 1];
    await expect(call.run()).rejects.toThrow();
    await storeUnrecorded(call, 0);
    await expect(call.run()).rejects.toThrow();
    expect(await call.run()).toMatchObject({ kind: "rejected", failure: { code: "budgetExceeded" } });
    expect(repeats).toEqual([
      { call: 0, images: 1, inDoubt: 1 },
      { call: 0, images: 1, inDoubt: 2 },
    ]);
    const { slots, calls } = await call.progress();
    expect(slots).toMatchObject([{ state: "stored" }, { failure: { code: "budgetExceeded" } }]);
    expect(calls[0]?.inDoubt).toHaveLength(2);
  });

  it("takes no image of another call's slots for its own", async () => {
    const call = await aCall([0], cut(), images(item()));
    await expect(call.run()).rejects.toThrow();
    await storeUnrecorded(call, 7);
    await call.run();
    expect(call.model.renders.map(({ images: n }) => n)).toEqual([1, 1]);
    expect((await call.progress()).slots.map(({ index }) => index)).toEqual([0]);
  });

  it("keeps what is found when the rest is refused, rejected or throttled", async () => {
    const failure = errorInfo("contentFilter", "Refused.");
    for (const reply of [
      { kind: "refused", failure },
      { kind: "rejected", failure },
      throttled,
    ] as UpstreamReply[]) {
      const call = await aCall([0, 1], cut(), reply);
      await expect(call.run()).rejects.toThrow();
      await storeUnrecorded(call, 0);
      await call.run();
      expect((await call.progress()).slots[0]).toMatchObject({ state: "stored", index: 0 });
    }
  });

  it("doesn't look for images where nothing was ever sent", async () => {
    const call = await aCall([0], images(item()));
    call.store.outage.of("list");
    expect(await call.run()).toEqual({ kind: "stored" });
  });
});

describe("calls that may have been paid twice are counted:", () => {
  it.each<[string, Scripted[], number | undefined]>([
    ["none where the first was answered", [images(item())], undefined],
    ["one after a send whose end nobody saw", [cut(), images(item())], 1],
    ["two after two such sends", [cut(), cut(), images(item())], 2],
    ["none after a fault that is known not to bill", [unreached(), unreached(), images(item())], undefined],
    ["none after being throttled", [throttled, throttled, images(item())], undefined],
    ["one when a throttled send lies between", [cut(), throttled, throttled, images(item())], 1],
    ["one when an unbilled fault lies between", [cut(), unreached(), images(item())], 1],
    ["one when the doubt comes after being throttled", [throttled, cut(), images(item())], 1],
    ["one after an error that says nothing of itself", [new Error("out of memory"), images(item())], 1],
  ])("%s", async (_what, script, repeated) => {
    const call = await aCall([0], ...script);
    for (let runs = 0; runs < script.length; runs += 1) await call.run().catch(() => undefined);
    expect(call.model.script).toEqual([]);
    expect(await call.repeatedCalls()).toBe(repeated);
  });

  it("one when the process died while it waited for the answer", async () => {
    const call = await aCall([0], images(item()));
    await call.jobs.beginAttempt(call.job.id, 0, "a1", undefined);
    await call.run();
    expect(await call.repeatedCalls()).toBe(1);
  });
});

describe("a call that throws", () => {
  it("throws what went wrong, for its retry to see", async () => {
    const call = await aCall([0], cut());
    await expect(call.run()).rejects.toThrow("upstreamUnavailable: the connection broke");
  });
});

it("a call whose job was deleted is not sent", async () => {
  const call = await aCall([0]);
  call.jobs.jobs.clear();
  expect(await call.run()).toMatchObject({ kind: "rejected", failure: { code: "expired" } });
  expect(call.model.renders).toEqual([]);
});

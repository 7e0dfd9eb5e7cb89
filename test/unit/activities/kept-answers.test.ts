import { describe, expect, it } from "vitest";
import { collectOperationWith } from "../../../src/activities/collect-operation.ts";
import { finishJobWith } from "../../../src/activities/finish-job.ts";
import { failSlotsWith } from "../../../src/activities/fail-slots.ts";
import { renderImagesWith } from "../../../src/activities/render-images.ts";
import { submitOperationWith } from "../../../src/activities/submit-operation.ts";
import { errorInfo, AppError, UpstreamError } from "../../../src/domain/app-error.ts";
import type { FetchReply, ImageModel, ReplyItem } from "../../../src/ports/image-model.ts";
import type { JobRecord } from "../../../src/ports/records.ts";
import { FakeInputFiles } from "../../support/edit-fakes.ts";
import {
  callSupport,
  deliver,
  FakeClock,
  MemoryImageStore,
  MemoryJobStore,
  onlyModel,
  type Scripted,
  type ScriptedImage,
  ScriptedImageModel,
} from "../../support/fakes.ts";
import { aJob } from "../../support/jobs.ts";
import { aPng } from "../../support/pictures.ts";

class Away extends Error {}
const image = (mark: number) => ({ kind: "image" as const, bytes: aPng(64, 64, mark) });
const images = (...items: (ScriptedImage | ReplyItem)[]): Scripted => ({
  kind: "images",
  items,
});
const link = (url: string) => ({ kind: "link" as const, url });
const late = (retryAfterMs = 0): FetchReply => ({ kind: "late", retryAfterMs, reason: "it answered 404" });

/** A call whose storage is away when a test says so, and back after a number of further requests. */
async function aCall(slots: number[], model: ImageModel, change: Partial<JobRecord> = {}) {
  const clock = new FakeClock();
  const jobs = new MemoryJobStore();
  const store = new MemoryImageStore();
  const request = { prompt: "a cat", n: slots.length, size: "64x64" };
  const job = aJob({ status: "running", request, createdAt: clock.now().toISOString(), ...change });
  await jobs.create(job);
  const support = { ...callSupport(clock), isStorageFailure: (error: unknown) => error instanceof Away };
  const deps = { ...support, jobs, images: store, models: onlyModel(model), inputs: new FakeInputFiles() };
  const step = { jobId: job.id, call: 0, slots, deadline: clock.ms + 600_000 };
  return {
    ...{ clock, jobs, store, job, deps, step },
    render: async () => renderImagesWith(deps)(step),
    submit: async () => submitOperationWith(deps)(step),
    collect: async () => collectOperationWith(deps)(step),
    progress: async () => jobs.readProgress(job.id),
    finish: async () => {
      await finishJobWith(deps)({ jobId: job.id });
      return jobs.read(job.id);
    },
  };
}

/** Fails a method's next calls, as storage does that is away. */
function failNext<T extends object>(port: T, method: keyof T, times: number): void {
  const real = (port[method] as (...input: unknown[]) => Promise<unknown>).bind(port);
  let left = times;
  const failing = async (...input: unknown[]) => {
    left -= 1;
    if (left >= 0) throw new Away();
    return real(...input);
  };
  port[method] = failing as T[keyof T];
}

describe("an answer that came while storage was away", () => {
  it("is stored and recorded once storage is back, by one call", async () => {
    const model = new ScriptedImageModel(images(image(1), image(2), image(3)));
    const call = await aCall([0, 1, 2], model);
    failNext(call.store, "put", 2);
    expect(await call.render()).toEqual({ kind: "stored" });
    expect(model.renders).toHaveLength(1);
    const { slots, calls } = await call.progress();
    expect(slots.map(({ state, index }) => [state, index])).toEqual([
      ["stored", 0],
      ["stored", 1],
      ["stored", 2],
    ]);
    expect(calls).toMatchObject([{ inDoubt: [], duplicates: [] }]);
    expect(call.deps.spool.answers.size).toBe(0);
  });

  it("lies on disk before the next request to storage", async () => {
    const call = await aCall([0], new ScriptedImageModel(images(image(1))));
    const onDisk: number[] = [];
    call.store.put = async () => {
      onDisk.push(call.deps.spool.answers.size);
      throw onDisk.length < 3 ? new Away() : new Error("enough");
    };
    await expect(call.render()).rejects.toThrow("enough");
    expect(onDisk).toEqual([0, 1, 1]);
  });

  it("is found by the next run of the step, which asks the service for nothing", async () => {
    const model = new ScriptedImageModel(images(image(1), image(2)));
    const call = await aCall([0, 1], model);
    const put = call.store.put.bind(call.store);
    call.store.put = () => Promise.reject(new Away());
    call.deps.clock.now = () => new Date((call.clock.ms += 60_000));
    await expect(call.render()).rejects.toThrow(Away);
    call.store.put = put;
    expect(await call.render()).toEqual({ kind: "stored" });
    expect(model.renders).toHaveLength(1);
    expect(await call.finish()).toMatchObject({ status: "succeeded" });
    expect(await call.finish()).not.toHaveProperty("repeatedCalls");
  });

  it("is recorded however often its record's own answer is lost", async () => {
    const model = new ScriptedImageModel(images(image(1)));
    const call = await aCall([0], model);
    const settle = call.jobs.settleCall.bind(call.jobs);
    let losses = 2;
    call.jobs.settleCall = async (...input) => {
      const record = await settle(...input);
      if (losses-- > 0) throw new Away();
      return record;
    };
    expect(await call.render()).toEqual({ kind: "stored" });
    expect(model.renders).toHaveLength(1);
  });
});

describe("a call before which storage is away", () => {
  it.each(["images", "jobs"] as const)("is not sent before it is back (%s)", async (where) => {
    const model = new ScriptedImageModel(images(image(1)));
    const call = await aCall([0], model);
    const sent: number[] = [];
    if (where === "images") failNext(call.store, "check", 2);
    else failNext(call.jobs, "readProgress", 2);
    const check = call.store.check.bind(call.store);
    call.store.check = async () => {
      sent.push(model.renders.length);
      await check();
    };
    expect(await call.render()).toEqual({ kind: "stored" });
    expect(new Set(sent)).toEqual(new Set([0]));
  });

  it("counts no attempt whose beginning was written and not answered", async () => {
    const call = await aCall([0], new ScriptedImageModel(images(image(1))));
    const begin = call.jobs.beginAttempt.bind(call.jobs);
    let losses = 2;
    call.jobs.beginAttempt = async (...input) => {
      const record = await begin(...input);
      if (losses-- > 0) throw new Away();
      return record;
    };
    expect(await call.render()).toEqual({ kind: "stored" });
    expect(await call.finish()).not.toHaveProperty("repeatedCalls");
  });
});

describe("a reply that breaks off", () => {
  it("keeps the images that came; the next call asks for the others alone", async () => {
    const asked: number[] = [];
    const call = await aCall([0, 1, 2], {
      render: async (_request, wanted, _signal, listener) => {
        asked.push(wanted);
        if (asked.length > 1) return deliver({ kind: "images", items: [image(3)] }, listener);
        await deliver({ kind: "images", items: [image(1), image(2)] }, listener);
        throw new UpstreamError("the connection broke", { mayBeBilled: true });
      },
    } as Partial<ImageModel> as ImageModel);
    await expect(call.render()).rejects.toThrow("the connection broke");
    expect((await call.progress()).slots.map(({ index }) => index)).toEqual([0, 1]);
    expect(await call.render()).toEqual({ kind: "stored" });
    expect(asked).toEqual([3, 1]);
  });

  it("behind its last image is whole", async () => {
    const call = await aCall([0], {
      render: async (_request, _wanted, _signal, listener) => {
        await deliver({ kind: "images", items: [image(1)] }, listener);
        throw new UpstreamError("the connection broke", { mayBeBilled: true });
      },
    } as Partial<ImageModel> as ImageModel);
    expect(await call.render()).toEqual({ kind: "stored" });
    expect((await call.progress()).calls).toMatchObject([{ inDoubt: [] }]);
  });
});

describe("a call that our own clock cuts", () => {
  it("is not sent again, says that the service was asked, and counts as unanswered", async () => {
    const call = await aCall([0, 1], {
      render: async (_request, _wanted, signal, listener) => {
        await deliver({ kind: "images", items: [image(1)] }, listener);
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
        throw new UpstreamError("aborted", { mayBeBilled: true });
      },
    } as Partial<ImageModel> as ImageModel);
    call.step.deadline = call.clock.ms + 50;
    expect(await call.render()).toEqual({ kind: "lost" });
    expect((await call.progress()).slots).toMatchObject([
      { index: 0, state: "stored" },
      {
        index: 1,
        failure: { code: "deadlineExceeded", message: expect.stringContaining("may bill it") as string },
      },
    ]);
    expect(await call.finish()).toMatchObject({ unansweredCalls: 1 });
  });
});

describe("links of an answer", () => {
  it("are fetched, and stored with what was said of them", async () => {
    const model = new ScriptedImageModel(
      images({ ...link("https://one.example/a"), revisedPrompt: "a fine cat" }),
    );
    model.links.set("https://one.example/a", [{ kind: "image", bytes: aPng(64, 64, 1) }]);
    const call = await aCall([0], model);
    expect(await call.render()).toEqual({ kind: "stored" });
    expect((await call.progress()).slots).toMatchObject([{ state: "stored", revisedPrompt: "a fine cat" }]);
  });

  it("that are late are fetched again and never bought again, also by another process", async () => {
    const model = new ScriptedImageModel(
      images(link("https://one.example/a"), link("https://one.example/b")),
    );
    model.links.set("https://one.example/a", [late(7_000), { kind: "image", bytes: aPng(64, 64, 1) }]);
    model.links.set("https://one.example/b", [{ kind: "image", bytes: aPng(64, 64, 2) }]);
    const call = await aCall([0, 1], model);
    expect(await call.render()).toEqual({ kind: "fetching", retryAfterMs: 7_000 });
    const { slots, calls } = await call.progress();
    expect(slots).toMatchObject([{ index: 1, state: "stored" }]);
    expect(calls).toMatchObject([{ inDoubt: [], links: [{ index: 0 }] }]);
    expect(await call.render()).toEqual({ kind: "stored" });
    expect(model.renders).toHaveLength(1);
    expect(model.fetches).toEqual([
      "https://one.example/a",
      "https://one.example/b",
      "https://one.example/a",
    ]);
    expect((await call.progress()).calls[0]).not.toHaveProperty("links");
  });

  it("that stay away for two minutes are lost, with the reason and for good", async () => {
    const call = await aCall([0], new ScriptedImageModel(images(link("https://one.example/a"))));
    for (let waitedMs = 0; waitedMs < 120_000; waitedMs += 15_000) {
      expect(await call.render()).toMatchObject({ kind: "fetching" });
      call.clock.pass(15_000);
    }
    expect(await call.render()).toEqual({ kind: "stored" });
    const [slot] = (await call.progress()).slots;
    expect(slot).toMatchObject({ state: "failed", failure: { code: "upstreamUnavailable" } });
    expect(JSON.stringify(slot)).not.toContain("one.example");
  });

  it("that lead to something unknown for two minutes are kept as they came", async () => {
    const model = new ScriptedImageModel(images(link("https://one.example/a")));
    const received = new TextEncoder().encode("a picture of next year's kind");
    const unknown: FetchReply = { kind: "late", retryAfterMs: 0, reason: "it is no picture", received };
    model.links.set("https://one.example/a", [late(), late(), late(), unknown]);
    const call = await aCall([0], model);
    for (let fetches = 0; fetches < 3; fetches += 1) await call.render();
    call.clock.pass(150_000);
    expect(await call.render()).toEqual({ kind: "stored" });
    const blob = `${call.job.id}/0.bin`;
    expect((await call.progress()).slots).toMatchObject([{ failure: { retryable: false }, file: { blob } }]);
    expect(call.store.blobs.get(blob)?.bytes).toEqual(received);
  });

  it("of an operation are fetched like any other, and the operation isn't polled again", async () => {
    const submitted = { kind: "submitted", operation: "/o/1", retryAfterMs: 0 } as const;
    const model = new ScriptedImageModel(submitted, images(link("https://one.example/a")));
    model.links.set("https://one.example/a", [late(), { kind: "image", bytes: aPng(64, 64, 1) }]);
    const call = await aCall([0], model, { model: "dall-e-2" });
    await call.submit();
    expect(await call.collect()).toMatchObject({ kind: "fetching" });
    expect(await call.collect()).toEqual({ kind: "stored" });
    expect(model.polls).toHaveLength(1);
  });

  it("stand in no outcome that becomes durable history", async () => {
    const call = await aCall([0], new ScriptedImageModel(images(link("https://one.example/secret"))));
    expect(JSON.stringify(await call.render())).not.toContain("secret");
  });
});

describe("what stands in storage counts before what is recorded:", () => {
  async function storeUnrecorded(call: Awaited<ReturnType<typeof aCall>>, index: number): Promise<void> {
    const bytes = aPng(64, 64, index);
    const facts = { index, width: 64, height: 64, bytes: bytes.byteLength, sha256: "00" };
    await call.store.put(`${call.job.id}/${index}.png`, bytes, { contentType: "image/png", image: facts });
  }

  it("a job is finished with the images that nobody recorded", async () => {
    const call = await aCall([0, 1], new ScriptedImageModel());
    await storeUnrecorded(call, 1);
    expect(await call.finish()).toMatchObject({ status: "succeeded" });
    expect((await call.progress()).slots).toMatchObject([
      { index: 1, state: "stored" },
      { index: 0, state: "failed" },
    ]);
  });

  it("a slot doesn't fail whose image stands", async () => {
    const call = await aCall([0, 1], new ScriptedImageModel());
    await storeUnrecorded(call, 0);
    await failSlotsWith(call.deps)({
      jobId: call.job.id,
      slots: [0, 1],
      failure: errorInfo("internal", "no"),
    });
    expect((await call.progress()).slots).toMatchObject([
      { index: 0, state: "stored" },
      { index: 1, state: "failed" },
    ]);
  });

  it("images that were stored survive inputs that are gone", async () => {
    const blob = { blob: "in", contentType: "image/png", width: 8, height: 8, bytes: 9, sha256: "ab" };
    const cut = new UpstreamError("the connection broke", { mayBeBilled: true });
    const call = await aCall([0, 1], new ScriptedImageModel(cut), { inputs: { images: [blob] } });
    await expect(call.render()).rejects.toThrow("the connection broke");
    await storeUnrecorded(call, 0);
    call.deps.inputs.borrow = () => Promise.reject(new AppError("expired", "An input is gone."));
    expect(await call.render()).toMatchObject({ kind: "rejected", failure: { code: "expired" } });
    expect((await call.progress()).slots).toMatchObject([
      { index: 0, state: "stored" },
      { index: 1, failure: { code: "expired" } },
    ]);
  });
});

it("a call for which the instance has no place says when to come back, and is not noted as sent", async () => {
  const call = await aCall([0], new ScriptedImageModel());
  for (let held = 0; held < 32; held += 1) call.deps.callLimit.tryAcquire(call.job.deployment);
  expect(await call.render()).toEqual({ kind: "busy", retryAt: call.clock.ms + 1_000 });
  expect((await call.progress()).calls).toEqual([]);
});

it("a place is given back when the call has ended, however it ends", async () => {
  const cut = new UpstreamError("the connection broke", { mayBeBilled: true });
  const call = await aCall([0], new ScriptedImageModel(cut, images(image(1))));
  for (let held = 0; held < 31; held += 1) call.deps.callLimit.tryAcquire(call.job.deployment);
  await expect(call.render()).rejects.toThrow();
  expect(await call.render()).toEqual({ kind: "stored" });
  expect(call.deps.callLimit.tryAcquire(call.job.deployment)).toHaveProperty("release");
});

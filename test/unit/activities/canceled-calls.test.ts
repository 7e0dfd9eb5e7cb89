import { describe, expect, it } from "vitest";
import { cancellationWatcher } from "../../../src/activities/cancellation-watcher.ts";
import { collectOperationWith } from "../../../src/activities/collect-operation.ts";
import { failSlotsWith } from "../../../src/activities/fail-slots.ts";
import { finishJobWith } from "../../../src/activities/finish-job.ts";
import { renderImagesWith } from "../../../src/activities/render-images.ts";
import { submitOperationWith } from "../../../src/activities/submit-operation.ts";
import { errorInfo } from "../../../src/domain/app-error.ts";
import type { ImageModel, ReplyListener } from "../../../src/ports/image-model.ts";
import { aPng } from "../../support/pictures.ts";
import { FakeInputFiles } from "../../support/edit-fakes.ts";
import {
  callSupport,
  deliver,
  FakeClock,
  MemoryCancellationNotices,
  MemoryImageStore,
  MemoryJobStore,
  onlyModel,
} from "../../support/fakes.ts";
import { aJob } from "../../support/jobs.ts";
import { storedSlot } from "../../support/slots.ts";

const usage = { input_tokens: 1, output_tokens: 2, total_tokens: 3 };
/** What a service does that answers with an image. */
const brought = (listener: ReplyListener) =>
  deliver({ kind: "images", items: [{ kind: "image", bytes: aPng(64, 64, 1) }], usage }, listener);
/** Until the watch has seen that the job ended. */
const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
const over = { kind: "rejected", failure: { code: "expired" } };

/** A call whose job is canceled at a moment of the test's choosing. */
async function aCall(model: Partial<ImageModel>) {
  const clock = new FakeClock();
  const jobs = new MemoryJobStore();
  const images = new MemoryImageStore();
  const job = aJob({ status: "running", request: { prompt: "a cat", n: 1, size: "64x64" } });
  await jobs.create(job);
  const step = { jobId: job.id, call: 0, slots: [0], deadline: clock.ms + 60_000 };
  const deps = {
    ...callSupport(clock),
    jobs,
    images,
    models: onlyModel(model as ImageModel),
    inputs: new FakeInputFiles(),
    ends: cancellationWatcher(
      { jobs, notices: new MemoryCancellationNotices(), clock },
      { noticesMs: 5, jobMs: 0 },
    ),
  };
  return {
    jobs,
    images,
    job,
    step,
    deps,
    render: async () => renderImagesWith(deps)(step),
    cancel: async () =>
      jobs.end(job.id, async () => ({
        end: { status: "canceled", finishedAt: "2026-01-02T03:04:09Z" },
        slots: [],
      })),
    progress: async () => jobs.readProgress(job.id),
  };
}

describe("a call whose job is canceled", () => {
  it("while it is on its way is cut off, and no retry follows", async () => {
    const call = await aCall({
      render: (_request, _images, signal) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(new Error("aborted")));
          void call.cancel();
        }),
    });
    expect(await call.render()).toMatchObject(over);
    expect((await call.progress()).slots).toEqual([]);
  });

  it("just before its reply keeps no image, only what it cost", async () => {
    const call = await aCall({
      render: async (_request, _images, _signal, listener) => {
        await call.cancel();
        await untilAborted(_signal);
        return brought(listener);
      },
    });
    call.images.put = () => Promise.reject(new Error("nothing is to be stored, not even for a moment"));
    expect(await call.render()).toMatchObject(over);
    expect(await call.progress()).toMatchObject({ slots: [], calls: [{ usage, inDoubt: [] }] });
  });

  it("while its image is being stored removes the image again", async () => {
    const call = await aCall({ render: async (_request, _images, _signal, listener) => brought(listener) });
    const put = call.images.put.bind(call.images);
    call.images.put = async (...blob) => {
      const written = await put(...blob);
      await call.cancel();
      return written;
    };
    expect(await call.render()).toMatchObject(over);
    expect([...call.images.blobs.keys()]).toEqual([]);
    expect((await call.progress()).slots).toEqual([]);
  });

  it("while what is no image is being kept removes it again", async () => {
    const picture = { kind: "image" as const, bytes: new TextEncoder().encode("<svg/>") };
    const call = await aCall({
      render: async (_request, _images, _signal, listener) =>
        deliver({ kind: "images", items: [picture] }, listener),
    });
    const put = call.images.put.bind(call.images);
    call.images.put = async (...blob) => {
      const written = await put(...blob);
      await call.cancel();
      return written;
    };
    expect(await call.render()).toMatchObject(over);
    expect([...call.images.blobs.keys()]).toEqual([]);
  });

  it("after its image was recorded leaves the image alone, however often the step runs", async () => {
    const call = await aCall({ render: async (_request, _images, _signal, listener) => brought(listener) });
    await call.render();
    await call.cancel();
    await call.render();
    expect([...call.images.blobs.keys()]).toEqual([`${call.job.id}/0.png`]);
  });

  it("before it was sent is not sent", async () => {
    const call = await aCall({});
    await call.cancel();
    expect(await call.render()).toMatchObject(over);
  });

  it("while its inputs are fetched is not sent, and counts as no call", async () => {
    const call = await aCall({});
    const { job } = call;
    const image = { blob: "one", contentType: "image/png", width: 8, height: 8, bytes: 100, sha256: "ab" };
    await call.jobs.amend(job.id, { inputs: { images: [image] } });
    let released = 0;
    const inputs = {
      borrow: async () => {
        await call.cancel();
        return { images: [], release: async () => void (released += 1) };
      },
    };
    expect(await renderImagesWith({ ...call.deps, inputs })(call.step)).toMatchObject(over);
    expect((await call.progress()).calls).toEqual([]);
    expect(released).toBe(1);
  });

  it("keeps no partial image either", async () => {
    const call = await aCall({
      render: async (_request, _images, _signal, listener) => {
        await call.cancel();
        await listener.onPartial?.({ position: 0, step: 0, bytes: aPng(8, 8, 1) });
        return brought(listener);
      },
    });
    await call.render();
    expect([...call.images.blobs.keys()]).toEqual([]);
    expect((await call.jobs.readEvents(call.job.id, 1)).map(({ type }) => type)).toEqual(["job.canceled"]);
  });
});

it("a partial image that can't be stored costs nothing but itself, and is logged once a call", async () => {
  const call = await aCall({
    render: async (_request, _images, _signal, listener) => {
      for (const step of [0, 1]) await listener.onPartial?.({ position: 0, step, bytes: aPng(8, 8, 1) });
      return brought(listener);
    },
  });
  const put = call.images.put.bind(call.images);
  call.images.put = (blob, ...rest) =>
    blob.includes("partial") ? Promise.reject(new Error("away")) : put(blob, ...rest);
  const logged: string[] = [];
  const deps = { ...call.deps, warn: (line: string) => void logged.push(line) };
  expect(await renderImagesWith(deps)(call.step)).toMatchObject({ kind: "stored" });
  expect(logged).toEqual([`a partial image of job ${call.job.id} could not be stored`]);
});

describe("a call whose job is canceled and deleted at once", () => {
  it("is cut off, and keeps nothing", async () => {
    const call = await aCall({
      render: (_request, _images, signal, { onPartial }) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(new Error("aborted")));
          void call
            .cancel()
            .then(() => call.jobs.removeJob(call.job.id))
            .then(() => onPartial?.({ position: 0, step: 0, bytes: aPng(8, 8, 1) }));
        }),
    });
    expect(await call.render()).toMatchObject(over);
    expect([...call.images.blobs.keys()]).toEqual([]);
    expect(await call.jobs.readEvents(call.job.id, 1)).toEqual([]);
  });

  it("just before its reply drops the images that it brings", async () => {
    const call = await aCall({
      render: async (_request, _images, _signal, listener) => {
        await call.cancel();
        call.jobs.removeJob(call.job.id);
        return brought(listener);
      },
    });
    expect(await call.render()).toMatchObject(over);
    expect([...call.images.blobs.keys()]).toEqual([]);
  });
});

describe("an operation whose job is canceled", () => {
  const submitted = { kind: "submitted", operation: "/operations/1", retryAfterMs: 0 } as const;

  it("is removed at the service as soon as that lets it go, and not polled", async () => {
    const replies = [{ kind: "pending", retryAfterMs: 2_000 } as const, { kind: "gone" } as const];
    const asked: string[] = [];
    const call = await aCall({
      submit: async () => submitted,
      discard: async (operation) => {
        asked.push(operation);
        return replies.shift()!;
      },
    });
    await submitOperationWith(call.deps)(call.step);
    await call.cancel();
    const collect = collectOperationWith(call.deps);
    expect(await collect(call.step)).toEqual({ kind: "pending", retryAfterMs: 2_000 });
    expect(await collect(call.step)).toMatchObject(over);
    expect(asked).toEqual(["/operations/1", "/operations/1"]);
  });

  it("while it is being submitted is known all the same, so that it can be removed", async () => {
    const call = await aCall({
      submit: async (_request, _images, _id, signal) => {
        await call.cancel();
        expect(signal.aborted).toBe(false);
        return submitted;
      },
    });
    await submitOperationWith(call.deps)(call.step);
    expect((await call.progress()).calls).toMatchObject([{ operation: "/operations/1" }]);
  });

  it("while it is polled keeps no image, and is removed at the service", async () => {
    const removed: string[] = [];
    const call = await aCall({
      submit: async () => submitted,
      poll: async (_request, _operation, _age, _signal, listener) => {
        await call.cancel();
        return brought(listener);
      },
      discard: async (operation) => {
        removed.push(operation);
        return { kind: "gone" };
      },
    });
    await submitOperationWith(call.deps)(call.step);
    expect(await collectOperationWith(call.deps)(call.step)).toMatchObject(over);
    expect(removed).toEqual(["/operations/1"]);
    expect([...call.images.blobs.keys()]).toEqual([]);
  });
});

describe("once a job is canceled", () => {
  it("finishing it changes nothing, and asks for no thumbnails", async () => {
    const call = await aCall({});
    await call.jobs.beginAttempt(call.job.id, 0, "a1", undefined);
    await call.jobs.settleCall(call.job.id, 0, (record) => record, [storedSlot(0)]);
    await call.cancel();
    expect(await finishJobWith(call.deps)({ jobId: call.job.id })).toEqual({ images: [] });
    expect(await call.jobs.read(call.job.id)).toMatchObject({ status: "canceled" });
  });

  it("and deleted, nothing of it comes back", async () => {
    const call = await aCall({});
    await call.cancel();
    call.jobs.removeJob(call.job.id);
    await failSlotsWith(call.deps)({ jobId: call.job.id, slots: [0], failure: errorInfo("internal", "no") });
    expect((await call.progress()).slots).toEqual([]);
  });
});

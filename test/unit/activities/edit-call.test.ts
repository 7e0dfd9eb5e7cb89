import { describe, expect, it } from "vitest";
import { renderImagesWith } from "../../../src/activities/render-images.ts";
import { errorInfo, UpstreamError } from "../../../src/domain/app-error.ts";
import type { UpstreamReply } from "../../../src/ports/image-model.ts";
import type { JobRecord } from "../../../src/ports/records.ts";
import { FakeInputFiles } from "../../support/edit-fakes.ts";
import {
  type Diary,
  callSupport,
  FakeClock,
  MemoryImageStore,
  MemoryJobStore,
  onlyModel,
  type Scripted,
  ScriptedImageModel,
} from "../../support/fakes.ts";
import { aJob } from "../../support/jobs.ts";
import { aPng } from "../../support/pictures.ts";

const input = (blob: string, contentType = "image/png") => ({
  blob,
  contentType,
  width: 24,
  height: 16,
  bytes: 110,
  sha256: "ab",
});
const inputs = { images: [input("one"), input("two", "image/jpeg")], mask: input("hole") };
const brought: Scripted = { kind: "images", items: [{ kind: "image", bytes: aPng() }] };
const throttled: UpstreamReply = { kind: "throttled", retryAfterMs: 4_000 };

async function anEdit(script: Scripted[], change: Partial<JobRecord> = {}) {
  const diary: Diary = [];
  const clock = new FakeClock();
  const jobs = new MemoryJobStore(diary);
  const files = new FakeInputFiles(diary);
  const model = new ScriptedImageModel(...script);
  const request = { prompt: "a hat", n: 1, size: "auto" };
  const job = aJob({ kind: "edit", status: "running", request, inputs, ...change });
  await jobs.create(job);
  const deps = {
    ...callSupport(clock),
    jobs,
    images: new MemoryImageStore(),
    models: onlyModel(model),
    inputs: files,
  };
  const run = async (lateMs = 0) =>
    renderImagesWith(deps)({ jobId: job.id, call: 0, slots: [0], deadline: clock.ms + 60_000 - lateMs });
  const done = () => diary.filter((one) => ["borrow", "beginAttempt", "settleCall", "release"].includes(one));
  const calls = async () => (await jobs.readProgress(job.id)).calls;
  return { diary, clock, jobs, files, model, job, run, done, calls };
}

describe("an edit's call", () => {
  it("sends its images in order with the mask, and the request as it was recorded", async () => {
    const edit = await anEdit([brought]);
    expect(await edit.run()).toEqual({ kind: "stored" });
    expect(edit.model.renders).toEqual([]);
    expect(edit.model.edits).toMatchObject([{ request: edit.job.request, images: 1 }]);
    const all = edit.model.edits.flatMap(({ files: { images, mask } }) => [
      ...images,
      ...(mask ? [mask] : []),
    ]);
    expect(all.map(({ name, type }) => [name, type])).toEqual([
      ["one", "image/png"],
      ["two", "image/jpeg"],
      ["hole", "image/png"],
    ]);
  });

  it("without a mask sends none", async () => {
    const edit = await anEdit([brought], { inputs: { images: [input("one")] } });
    await edit.run();
    expect(edit.model.edits[0]?.files).not.toHaveProperty("mask");
  });

  it("borrows its files before the send is noted, and gives them back after its end is", async () => {
    const edit = await anEdit([brought]);
    await edit.run();
    expect(edit.done()).toEqual(["borrow", "beginAttempt", "settleCall", "release"]);
  });

  it.each<[string, UpstreamReply | Error]>([
    ["is refused", { kind: "refused", failure: errorInfo("contentFilter", "no") }],
    ["is rejected", { kind: "rejected", failure: errorInfo("upstreamRejected", "no") }],
    ["is throttled", throttled],
    ["breaks", new UpstreamError("the connection broke", { mayBeBilled: true })],
    ["can't reach the service", new UpstreamError("no connection", { mayBeBilled: false })],
    ["fails by an error of no kind", new Error("out of memory")],
  ])("that %s gives its files back", async (_how, reply) => {
    const edit = await anEdit([reply]);
    await edit.run().catch(() => undefined);
    expect([edit.files.borrowed, edit.files.released]).toEqual([1, 1]);
  });

  it("whose end can't be recorded gives its files back", async () => {
    const edit = await anEdit([brought]);
    edit.jobs.outage.of("settleCall");
    await expect(edit.run()).rejects.toThrow("storage is away");
    expect([edit.files.borrowed, edit.files.released]).toEqual([1, 1]);
  });

  it("whose send can't be noted isn't sent, and gives its files back", async () => {
    const edit = await anEdit([brought]);
    edit.jobs.outage.of("beginAttempt");
    await expect(edit.run()).rejects.toThrow("storage is away");
    expect([edit.model.edits, edit.files.released]).toEqual([[], 1]);
  });

  it("that another delivery settles meanwhile ends as that one, unsent, and gives its files back", async () => {
    const edit = await anEdit([brought]);
    const borrow = edit.files.borrow.bind(edit.files);
    edit.files.borrow = async (wanted) => {
      await edit.jobs.beginAttempt(edit.job.id, 0, "a1", undefined);
      const refused = { call: 0, inDoubt: [], duplicates: [], outcome: { kind: "refused" as const } };
      await edit.jobs.settleCall(edit.job.id, 0, () => refused, []);
      return borrow(wanted);
    };
    expect(await edit.run()).toEqual({ kind: "refused" });
    expect([edit.model.edits, edit.files.borrowed, edit.files.released]).toEqual([[], 1, 1]);
  });

  it("whose files can't be borrowed leaves no doubt about a bill: no send was noted", async () => {
    const edit = await anEdit([brought]);
    edit.files.outage.of("borrow");
    await expect(edit.run()).rejects.toThrow("storage is away");
    expect([await edit.calls(), edit.model.edits, edit.files.released]).toEqual([[], [], 0]);
    edit.files.outage.end();
    await edit.run();
    expect(await edit.calls()).toEqual([
      { call: 0, inDoubt: [], duplicates: [], outcome: { kind: "stored" } },
    ]);
  });

  it.each<[string, Partial<JobRecord>, number]>([
    ["has ended", { status: "failed" }, 0],
    ["is out of time", {}, 60_000],
  ])("of a job that %s borrows nothing", async (_how, change, lateMs) => {
    const edit = await anEdit([], change);
    await edit.run(lateMs);
    expect([edit.files.borrowed, edit.model.edits]).toEqual([0, []]);
  });

  it("that is settled is not borrowed for again", async () => {
    const edit = await anEdit([brought]);
    await edit.run();
    await edit.run();
    expect([edit.files.borrowed, edit.files.released]).toEqual([1, 1]);
  });
});

it("a generation's call borrows nothing", async () => {
  const edit = await anEdit([brought]);
  const generation = aJob({ id: edit.job.id, status: "running" });
  edit.jobs.jobs.set(generation.id, generation);
  await edit.run();
  expect([edit.files.borrowed, edit.model.edits, edit.model.renders.length]).toEqual([0, [], 1]);
});

import { beforeEach, describe, expect, it, vi } from "vitest";
import { renderImagesWith } from "../../../src/activities/render-images.ts";
import { UpstreamError } from "../../../src/domain/app-error.ts";
import { resolveDeployments } from "../../../src/domain/deployment.ts";
import { knownModels } from "../../../src/domain/model-catalogue.ts";
import type { JobRecord } from "../../../src/ports/records.ts";
import { jobWaits } from "../../../src/jobs/job-waits.ts";
import {
  callSupport,
  FakeClock,
  MemoryImageStore,
  MemoryJobStore,
  type Scripted,
  ScriptedImageModel,
} from "../../support/fakes.ts";
import { FakeInputFiles } from "../../support/edit-fakes.ts";
import { aJob } from "../../support/jobs.ts";
import { aPng } from "../../support/pictures.ts";

const image: Scripted = { kind: "images", items: [{ kind: "image", bytes: aPng(64, 64, 1) }] };
const oneAMinute = { requests: { count: 1, windowMs: 60_000 } };
let clock: FakeClock;
let support: ReturnType<typeof callSupport>;
let jobs: MemoryJobStore;
let sentTo: string[];
beforeEach(() => {
  clock = new FakeClock();
  support = callSupport(clock);
  jobs = new MemoryJobStore();
  sentTo = [];
  support.offers = resolveDeployments(
    ["sweden", "poland"].map((name) => ({ name, model: "dall-e-3", kind: "azure" as const })),
    knownModels,
  );
  for (const pool of ["sweden", "poland"]) support.quotas.set(pool, { pool, limits: oneAMinute });
});

/** A job of one image that was accepted for Sweden. */
async function aCall(replies: Scripted[] = [image], facts: Partial<JobRecord> = { anyDeployment: true }) {
  const request = { prompt: "a cat", n: 1, size: "64x64" };
  const createdAt = clock.now().toISOString();
  const job = aJob({ status: "running", request, createdAt, deployment: "sweden", ...facts });
  await jobs.create(job);
  const model = new ScriptedImageModel(...replies);
  const models = {
    at(deployment: string) {
      const render: typeof model.render = async (...call) => {
        sentTo.push(deployment);
        return model.render(...call);
      };
      return Object.assign(Object.create(model) as typeof model, { render });
    },
  };
  const stores = { jobs, images: new MemoryImageStore(), inputs: new FakeInputFiles() };
  const render = renderImagesWith({ ...support, ...stores, models });
  const step = { jobId: job.id, call: 0, slots: [0], deadline: clock.ms + 1_800_000 };
  return { job, render: async () => render(step) };
}

describe("a call that has not begun", () => {
  it("goes where it can be sent soonest", async () => {
    for (let calls = 0; calls < 2; calls += 1)
      expect(await (await aCall()).render()).toEqual({ kind: "stored" });
    expect(sentTo).toEqual(["sweden", "poland"]);
  });

  it("goes elsewhere at once when what was remembered of a pool turns out to be old", async () => {
    await (await aCall()).render();
    vi.spyOn(support.quotaPools, "readAll").mockResolvedValueOnce(new Map());
    expect(await (await aCall()).render()).toEqual({ kind: "stored" });
    expect(sentTo).toEqual(["sweden", "poland"]);
    expect((await support.quotaPools.read("sweden")).waiting).toEqual([]);
  });

  it("stays with the deployment that its job named", async () => {
    await (await aCall([image], {})).render();
    expect((await (await aCall([image], {})).render()).kind).toBe("queued");
    expect(sentTo).toEqual(["sweden"]);
  });

  it("leaves a pool whose deployment fails, waits in one line, and is seen to wait there", async () => {
    await (await aCall()).render();
    await (await aCall()).render();
    clock.pass(30_000);
    const { job, render } = await aCall();
    expect((await render()).kind).toBe("queued");
    const poolOf = async (name: string) => support.quotaPools.read(name);
    expect((await poolOf("sweden")).waiting).toHaveLength(1);
    const state = await poolOf("sweden");
    const openUntil = clock.ms + 300_000;
    const breakers = { sweden: { failures: 3, openUntil, openMs: 30_000 } };
    support.quotaPools.states.set("sweden", { ...state, breakers });
    expect((await render()).kind).toBe("queued");
    expect((await poolOf("sweden")).waiting).toEqual([]);
    expect((await poolOf("poland")).waiting).toHaveLength(1);
    const wait = await jobWaits(support).of(job);
    expect(wait?.waiting).toMatchObject({ reason: "quota", position: 0 });
    clock.pass(32_000);
    expect(await render()).toEqual({ kind: "stored" });
    expect(sentTo).toEqual(["sweden", "poland", "poland"]);
  });
});

it("a call in doubt stays where it was sent, however long it has to wait there", async () => {
  const cut = new UpstreamError("the connection broke", { mayBeBilled: true });
  const { job, render } = await aCall([cut, image]);
  await expect(render()).rejects.toThrow("the connection broke");
  expect((await jobs.readProgress(job.id)).calls).toMatchObject([{ deployment: "sweden" }]);
  expect((await render()).kind).toBe("queued");
  clock.pass(61_000);
  expect(await render()).toEqual({ kind: "stored" });
  expect(sentTo).toEqual(["sweden", "sweden"]);
});

it("a call that was turned away, so that nobody bills it, may go elsewhere", async () => {
  const { render } = await aCall([{ kind: "throttled", retryAfterMs: 30_000 }, image]);
  expect((await render()).kind).toBe("throttled");
  expect(await render()).toEqual({ kind: "stored" });
  expect(sentTo).toEqual(["sweden", "poland"]);
});

import { describe, expect, it } from "vitest";
import { orchestrations } from "../../src/contracts/workflow.ts";
import { errorInfo } from "../../src/domain/app-error.ts";
import { type FakeActivities, runEditJob } from "../support/image-job-run.ts";

const failure = errorInfo("expired", "image did not arrive in time.");
const absent: Partial<FakeActivities> = {
  gatherInputs: ({ isLast }) => (isLast ? { kind: "refused", failure } : { kind: "waiting" }),
};

/** Inputs that are there at the given look, counted from 0. */
function readyAt(look: number): Partial<FakeActivities> {
  let looks = 0;
  return { gatherInputs: () => (looks++ < look ? { kind: "waiting" } : { kind: "ready" }) };
}

const storageIsAway = (): never => {
  throw new Error("storage is away");
};

describe("an edit whose inputs are there", () => {
  it("gathers them, and then goes the way of every job", async () => {
    const run = await runEditJob({ n: 2 }, { finishJob: () => ({ images: [0, 1] }) });
    expect(run.status).toBe("Completed");
    expect(run.calls.map(({ step }) => step)).toEqual([
      "gatherInputs",
      "beginJob",
      "renderImages",
      "renderImages",
      "finishJob",
      "makeAllThumbnails",
    ]);
    expect(run.of("gatherInputs")).toMatchObject([{ at: 0, input: { jobId: "job_x", isLast: false } }]);
    expect(run.of("finishJob").map(({ input }) => input)).toEqual([{ jobId: "job_x" }]);
    expect(run.elapsed).toBe(0);
  });

  it("asks gpt-image for all images in one call", async () => {
    const run = await runEditJob({ n: 10, protocol: "many-per-call", imagesPerCall: 10 });
    expect(run.of("renderImages")).toHaveLength(1);
  });

  it("publishes its result when asked, before anybody makes thumbnails", async () => {
    const run = await runEditJob({ publishes: true }, { finishJob: () => ({ images: [0] }) });
    expect(run.calls.map(({ step }) => step).slice(-3)).toEqual([
      "finishJob",
      "publishResult",
      "makeAllThumbnails",
    ]);
    expect(run.of("publishResult").map(({ input }) => input)).toEqual([{ jobId: "job_x" }]);
  });

  it("that had ended before it began publishes that end, and does nothing else", async () => {
    const run = await runEditJob({ publishes: true }, { beginJob: () => ({ proceed: false }) });
    expect(run.calls.map(({ step }) => step)).toEqual(["gatherInputs", "beginJob", "publishResult"]);
  });

  it("is not failed by a thumbnail that can't be made", async () => {
    const run = await runEditJob(
      {},
      { finishJob: () => ({ images: [0] }), makeAllThumbnails: storageIsAway },
    );
    expect(run.status).toBe("Completed");
  });
});

describe("an edit that waits", () => {
  it("looks after pauses that double from one second to fifteen, and stay there", async () => {
    const run = await runEditJob({}, readyAt(8));
    expect(run.of("gatherInputs").map(({ at }) => at / 1_000)).toEqual([0, 1, 3, 7, 15, 30, 45, 60, 75]);
    expect(run.of("gatherInputs").every(({ input }) => !(input as { isLast: boolean }).isLast)).toBe(true);
  });

  it("begins only after its inputs are ready", async () => {
    const run = await runEditJob({}, readyAt(2));
    expect(run.of("beginJob").map(({ at }) => at)).toEqual([3_000]);
    expect(run.calls.map(({ step }) => step).slice(0, 4)).toEqual([
      "gatherInputs",
      "gatherInputs",
      "gatherInputs",
      "beginJob",
    ]);
  });

  it("takes exactly one last look, at the very end of its time", async () => {
    const run = await runEditJob({ arriveByMs: 10_000 }, absent);
    expect(run.of("gatherInputs").map(({ at, input }) => [at, input])).toEqual([
      [0, { jobId: "job_x", isLast: false }],
      [1_000, { jobId: "job_x", isLast: false }],
      [3_000, { jobId: "job_x", isLast: false }],
      [7_000, { jobId: "job_x", isLast: false }],
      [10_000, { jobId: "job_x", isLast: true }],
    ]);
  });

  it("that is started too late looks once all the same", async () => {
    const run = await runEditJob({ arriveByMs: -5_000 }, absent);
    expect(run.of("gatherInputs")).toMatchObject([{ at: 0, input: { isLast: true } }]);
    const ready = await runEditJob({ arriveByMs: -5_000 }, readyAt(0));
    expect(ready.of("renderImages")).toHaveLength(1);
  });

  it("for ten minutes leaves a history of few events", async () => {
    const run = await runEditJob({ arriveByMs: 600_000 }, absent);
    expect(run.of("gatherInputs")).toHaveLength(44);
    expect(run.elapsed).toBe(600_000);
  });
});

describe("an edit whose inputs are refused", () => {
  it("ends with that reason and asks the service for nothing", async () => {
    const run = await runEditJob({ n: 2 }, { gatherInputs: () => ({ kind: "refused", failure }) });
    expect(run.status).toBe("Completed");
    expect(run.calls.map(({ step, input }) => [step, input])).toEqual([
      ["gatherInputs", { jobId: "job_x", isLast: false }],
      ["finishJob", { jobId: "job_x", failure }],
    ]);
  });

  it("publishes that end when asked", async () => {
    const run = await runEditJob({ publishes: true }, { gatherInputs: () => ({ kind: "refused", failure }) });
    expect(run.calls.map(({ step }) => step)).toEqual(["gatherInputs", "finishJob", "publishResult"]);
  });
});

describe("steps of an edit", () => {
  it.each(["gatherInputs", "publishResult"] as const)("as %s are tried for about a minute", async (step) => {
    let failures = 7;
    const answers = { gatherInputs: { kind: "ready" as const }, publishResult: { published: true } };
    const run = await runEditJob(
      { publishes: true },
      { [step]: () => (failures-- > 0 ? storageIsAway() : answers[step]) },
    );
    expect([run.status, run.of(step).length]).toEqual(["Completed", 8]);
    expect(run.elapsed).toBeGreaterThan(55_000);
  });

  it("that are spent fail the orchestration: reconciling ends the job", async () => {
    const run = await runEditJob({}, { gatherInputs: storageIsAway });
    expect(run.status).toBe("Failed");
    expect(run.of("beginJob")).toEqual([]);
  });
});

it("calls run in batches whose ids are the job's own", async () => {
  const run = await runEditJob({ n: 2 });
  expect(run.hub.statusOf("job_x-1")).toMatchObject({ name: orchestrations.runBatch });
});

import { describe, expect, it } from "vitest";
import { errorInfo, StorageFailure, UpstreamError } from "../../src/domain/app-error.ts";
import { runDelivery, runEditJob, runImageJob } from "../support/image-job-run.ts";

/** Each event of a history is a row in Azure, and each is read again whenever the orchestration goes on. */
const rowsOfOneCall = 40;
const rowsOfFurtherCall = 12;

/** Lets all other work that there is go first, so many times. */
async function late(semaphore: number): Promise<void> {
  for (let turn = 0; turn < semaphore; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
const stored = { kind: "stored" } as const;
const withImages = (n: number) => ({
  finishJob: () => ({ images: Array.from({ length: n }, (_, at) => at) }),
});

/** Answers so often, and then with an image. */
function times<A>(count: number, answer: A): () => A | typeof stored {
  let left = count;
  return () => (left-- > 0 ? answer : stored);
}

const protocols = [
  ["one-per-call", { protocol: "one-per-call", imagesPerCall: 1, n: 1 }],
  ["many-per-call", { protocol: "many-per-call", imagesPerCall: 10, n: 10 }],
  ["submit-poll", { protocol: "submit-poll", imagesPerCall: 10, n: 4 }],
] as const;

describe.each(protocols)("a job of one call, %s", (_protocol, job) => {
  it("that is told of leaves few rows, and needs no child", async () => {
    const run = await runImageJob({ ...job, notifies: true }, withImages(job.n));
    expect(run.rows).toBeLessThanOrEqual(rowsOfOneCall);
    expect(run.hub.engine.list()).toHaveLength(1);
  });

  it("whose inputs were waited for, and whose result is published, leaves few rows too", async () => {
    let looks = 0;
    const gatherInputs = () => ({ kind: looks++ < 5 ? ("waiting" as const) : ("ready" as const) });
    const edit = { ...job, notifies: true, publishes: true };
    const run = await runEditJob(edit, { ...withImages(job.n), gatherInputs });
    expect(run.of("makeAllThumbnails")).toHaveLength(1);
    expect(run.rows).toBeLessThanOrEqual(rowsOfOneCall);
  });
});

it("each further call adds few rows, also where each comes to its end by itself", async () => {
  const rows: number[] = [];
  for (let n = 1; n <= 10; n += 1) {
    const renderImages = async ({ call }: { call: number }) => {
      await late(10 * call);
      return stored;
    };
    const run = await runImageJob({ n, notifies: true }, { ...withImages(n), renderImages });
    expect(run.status).toBe("Completed");
    rows.push(run.rows);
    expect(run.rows).toBeLessThanOrEqual(rowsOfOneCall + rowsOfFurtherCall * (n - 1));
  }
  const added = rows.slice(2).map((each, at) => each - (rows[at + 1] ?? 0));
  expect(Math.max(...added)).toBeLessThanOrEqual(rowsOfFurtherCall);
});

it("calls of one batch run in the job itself, one after another", async () => {
  const run = await runImageJob({ n: 10, maxParallel: 1 }, withImages(10));
  expect(run.of("renderImages").map(({ input }) => (input as { call: number }).call)).toEqual([
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
  ]);
  expect(run.hub.engine.list()).toHaveLength(1);
});

describe("however often a job waits, its history doesn't grow:", () => {
  const day = { deadlineMs: 24 * 3_600_000 };

  it("an operation that is asked for 100 times", async () => {
    const job = { protocol: "submit-poll", imagesPerCall: 10, ...day } as const;
    const pending = times(100, { kind: "pending", retryAfterMs: 2_500 } as const);
    const run = await runImageJob(job, { collectOperation: pending, ...withImages(1) });
    expect(run.of("collectOperation")).toHaveLength(101);
    expect(run.rows).toBeLessThanOrEqual(rowsOfOneCall);
    expect(run.peakRows).toBeLessThanOrEqual(rowsOfOneCall);
  });

  it("a call that is throttled 100 times", async () => {
    const throttled = times(100, { kind: "throttled", retryAfterMs: 1_500 } as const);
    const run = await runImageJob(day, { renderImages: throttled });
    expect(run.of("renderImages")).toHaveLength(101);
    expect(run.peakRows).toBeLessThanOrEqual(rowsOfOneCall);
  });

  it("a call for which the instance has no place 100 times", async () => {
    const run = await runImageJob(day, { renderImages: times(100, { kind: "busy", retryAt: 0 } as const) });
    expect(run.of("renderImages")).toHaveLength(101);
    expect(run.peakRows).toBeLessThanOrEqual(rowsOfOneCall);
  });

  it("a call whose tries are spent", async () => {
    const renderImages = () => {
      throw new UpstreamError("the service answered 502", { mayBeBilled: true });
    };
    const run = await runImageJob({ notifies: true }, { renderImages });
    expect([run.of("renderImages").length, run.of("failSlots").length]).toEqual([3, 1]);
    expect(run.peakRows).toBeLessThanOrEqual(rowsOfOneCall);
  });

  it("a call that our own storage fails for half an hour", async () => {
    let away = 60;
    const renderImages = () => {
      if (away-- > 0) throw new StorageFailure(new Error("503"));
      return stored;
    };
    const run = await runImageJob(day, { renderImages });
    expect(run.of("renderImages")).toHaveLength(61);
    expect(run.elapsed).toBeGreaterThan(900_000);
    expect(run.peakRows).toBeLessThanOrEqual(rowsOfOneCall);
  });

  it("one of several calls that are throttled 40 times each", async () => {
    const left = [40, 40, 40];
    const renderImages = ({ call }: { call: number }) =>
      (left[call] ?? 0) > 0 && (left[call] = (left[call] ?? 0) - 1) >= 0
        ? ({ kind: "throttled", retryAfterMs: 1_500 } as const)
        : stored;
    const run = await runImageJob({ n: 3, ...day }, { renderImages });
    expect(run.of("renderImages")).toHaveLength(123);
    expect(run.peakRows).toBeLessThanOrEqual(rowsOfOneCall + 2 * rowsOfFurtherCall + 8);
  });

  it("an edit whose inputs come late", async () => {
    const failure = errorInfo("expired", "image did not arrive in time.");
    const run = await runEditJob(
      { arriveByMs: 1_200_000, publishes: true },
      { gatherInputs: ({ isLast }) => (isLast ? { kind: "refused", failure } : { kind: "waiting" }) },
    );
    expect(run.of("gatherInputs").length).toBeGreaterThan(70);
    expect(run.peakRows).toBeLessThanOrEqual(rowsOfOneCall);
  });

  it("a delivery that nobody takes for a day", async () => {
    const run = await runDelivery(({ attempt }, now) =>
      attempt < 10 ? { kind: "again", attempt: attempt + 1, at: now() + 3_600_500 } : { kind: "over" },
    );
    expect(run.of("deliverWebhook")).toHaveLength(10);
    expect(run.hub.engine.history(run.id).length).toBeLessThanOrEqual(rowsOfOneCall);
  });
});

it("while our own storage is away for long, a step is run ever more seldom", async () => {
  const run = await runImageJob(
    { deadlineMs: 1_800_000 },
    {
      finishJob: () => {
        throw new StorageFailure(new Error("503"));
      },
    },
  );
  expect(run.elapsed).toBeGreaterThanOrEqual(1_800_000);
  // Four a minute would be 160.
  expect(run.of("finishJob").length).toBeLessThan(110);
});

import { describe, expect, it } from "vitest";
import { errorInfo, StorageFailure, UpstreamError } from "../../src/domain/app-error.ts";
import { runImageJob } from "../support/image-job-run.ts";

const failure = (code: "accountBlocked" | "upstreamRejected") => errorInfo(code, "no");

describe("an image job", () => {
  it("begins, asks for every image at once, finishes, and then makes thumbnails", async () => {
    const run = await runImageJob({ n: 3 }, { finishJob: () => ({ images: [0, 2] }) });
    expect(run.status).toBe("Completed");
    expect(run.calls.map(({ step }) => step)).toEqual([
      "beginJob",
      ...Array.from({ length: 3 }, () => "renderImages"),
      "finishJob",
      "makeAllThumbnails",
    ]);
    expect(run.of("renderImages").map(({ input }) => input)).toMatchObject([
      { slots: [0] },
      { slots: [1] },
      { slots: [2] },
    ]);
    expect(run.of("makeAllThumbnails").map(({ input }) => input)).toMatchObject([{ images: [0, 2] }]);
  });

  it("that has ended before it began does nothing", async () => {
    const run = await runImageJob({ n: 3 }, { beginJob: () => ({ proceed: false }) });
    expect(run.calls.map(({ step }) => step)).toEqual(["beginJob"]);
  });

  it("is not failed by a thumbnail that can't be made, and logs that once", async () => {
    const run = await runImageJob(
      {},
      {
        finishJob: () => ({ images: [0] }),
        makeAllThumbnails: () => {
          throw new Error("no memory");
        },
      },
    );
    expect(run.status).toBe("Completed");
    expect(run.logged).toEqual([
      "make-all-thumbnails failed for good: thumbnails of job job_x are made on demand",
    ]);
  });

  it("asks gpt-image for all images in one call", async () => {
    const run = await runImageJob({ n: 10, protocol: "many-per-call", imagesPerCall: 10 });
    expect(run.of("renderImages")).toHaveLength(1);
  });

  it("tries a step of ours again for about a minute before it gives up", async () => {
    let failures = 7;
    const run = await runImageJob(
      {},
      {
        finishJob: () => {
          if (failures-- > 0) throw new Error("storage is away");
          return { images: [] };
        },
      },
    );
    expect(run.status).toBe("Completed");
    expect(run.elapsed).toBeGreaterThan(55_000);
  });
});

describe("batches", () => {
  it("keep no more calls in flight than allowed", async () => {
    let inFlight = 0;
    let most = 0;
    const run = await runImageJob(
      { n: 10, maxParallel: 2 },
      {
        renderImages: async () => {
          most = Math.max(most, (inFlight += 1));
          await new Promise((resolve) => setImmediate(resolve));
          inFlight -= 1;
          return { kind: "stored" };
        },
      },
    );
    expect(run.of("renderImages")).toHaveLength(10);
    expect(most).toBe(2);
  });

  it("go on after a refusal, which is one prompt's own affair", async () => {
    const run = await runImageJob({ n: 3, maxParallel: 1 }, { renderImages: () => ({ kind: "refused" }) });
    expect(run.of("renderImages")).toHaveLength(3);
  });

  it.each(["accountBlocked", "rejected"] as const)(
    "send nothing more after %s, and give every other slot the reason",
    async (kind) => {
      const reason = failure(kind === "rejected" ? "upstreamRejected" : "accountBlocked");
      const run = await runImageJob(
        { n: 3, maxParallel: 1 },
        { renderImages: () => ({ kind, failure: reason }) },
      );
      expect(run.of("renderImages")).toHaveLength(1);
      expect(run.of("failSlots").map(({ input }) => input)).toEqual([
        { jobId: "job_x", slots: [0, 1, 2], failure: reason },
      ]);
      expect(run.of("finishJob")).toHaveLength(1);
    },
  );

  it("lose only the call whose tries are spent", async () => {
    const run = await runImageJob(
      { n: 2, maxParallel: 1 },
      {
        renderImages: ({ call }) => {
          if (call === 0) throw new UpstreamError("the service answered 502", { mayBeBilled: true });
          return { kind: "stored" };
        },
      },
    );
    expect(run.of("renderImages")).toHaveLength(4);
    expect(run.of("failSlots").map(({ input }) => input)).toEqual([
      { jobId: "job_x", slots: [0], failure: errorInfo("upstreamUnavailable", "the service answered 502") },
    ]);
  });
});

describe("a throttled call", () => {
  it("sleeps exactly as long as it was told, each time", async () => {
    let semaphore = 2;
    const run = await runImageJob(
      {},
      {
        renderImages: () =>
          semaphore-- > 0 ? { kind: "throttled", retryAfterMs: 4_000 } : { kind: "stored" },
      },
    );
    expect(run.of("renderImages").map(({ at }) => at)).toEqual([0, 4_000, 8_000]);
  });

  it("doubles its wait where the service names none", async () => {
    let semaphore = 3;
    const run = await runImageJob(
      {},
      {
        renderImages: () => (semaphore-- > 0 ? { kind: "throttled", retryAfterMs: 0 } : { kind: "stored" }),
      },
    );
    expect(run.of("renderImages").map(({ at }) => at)).toEqual([0, 1_000, 3_000, 7_000]);
  });

  it("doesn't sleep past the deadline: it ends at once with the reason", async () => {
    const run = await runImageJob(
      { deadlineMs: 10_000 },
      { renderImages: () => ({ kind: "throttled", retryAfterMs: 86_400_000 }) },
    );
    expect(run.elapsed).toBe(0);
    expect(run.of("failSlots")).toMatchObject([{ input: { slots: [0], failure: { code: "throttled" } } }]);
  });
});

describe("a DALL-E 2 job", () => {
  const dalle2 = { n: 2, protocol: "submit-poll", imagesPerCall: 10 } as const;

  it("submits once and asks as often as it was told", async () => {
    let polls = 3;
    const run = await runImageJob(dalle2, {
      collectOperation: () => (--polls > 0 ? { kind: "pending", retryAfterMs: 3_000 } : { kind: "stored" }),
    });
    expect(run.of("submitOperation")).toHaveLength(1);
    expect(run.of("collectOperation").map(({ at }) => at)).toEqual([2_000, 5_000, 8_000]);
  });

  it("whose submit is refused asks for nothing more", async () => {
    const run = await runImageJob(dalle2, { submitOperation: () => ({ kind: "refused" }) });
    expect(run.of("collectOperation")).toEqual([]);
    expect(run.of("finishJob")).toHaveLength(1);
  });

  it("that never ends is given up at its deadline", async () => {
    const run = await runImageJob(
      { ...dalle2, deadlineMs: 60_000 },
      { collectOperation: () => ({ kind: "pending", retryAfterMs: 5_000 }) },
    );
    expect(run.elapsed).toBeLessThanOrEqual(60_000);
    expect(run.of("failSlots")).toMatchObject([
      { input: { slots: [0, 1], failure: { code: "deadlineExceeded" } } },
    ]);
  });

  it("waits through a throttled submit and a throttled poll", async () => {
    let busy = 1;
    const run = await runImageJob(dalle2, {
      submitOperation: () =>
        busy-- > 0 ? { kind: "throttled", retryAfterMs: 1_000 } : { kind: "submitted", retryAfterMs: 2_000 },
    });
    expect(run.of("submitOperation").map(({ at }) => at)).toEqual([0, 1_000]);
    expect(run.of("collectOperation").map(({ at }) => at)).toEqual([3_000]);
  });
});

describe("while our own storage fails a step", () => {
  const away = () => new StorageFailure(new Error("503"));

  it.each(["beginJob", "renderImages", "finishJob"] as const)(
    "%s is run again, with pauses that stay below a quarter of a minute, and no try is spent",
    async (step) => {
      let failures = 40;
      const results = {
        beginJob: { proceed: true },
        renderImages: { kind: "stored" },
        finishJob: { images: [] },
      };
      const run = await runImageJob(
        {},
        {
          [step]: () => {
            if (failures-- > 0) throw away();
            return results[step];
          },
        },
      );
      expect(run.status).toBe("Completed");
      const times = run.of(step).map(({ at }) => at);
      expect(times).toHaveLength(41);
      expect(Math.max(...times.map((at, index) => at - (times[index - 1] ?? 0)))).toBe(15_000);
    },
  );

  it("an upstream fault is tried as often as without it", async () => {
    const failures = [away(), new UpstreamError("cut", { mayBeBilled: true }), away(), away()];
    const run = await runImageJob(
      {},
      {
        renderImages: () => {
          const failure = failures.shift();
          if (failure) throw failure;
          return { kind: "stored" };
        },
      },
    );
    expect(run.of("renderImages")).toHaveLength(5);
    expect(run.of("failSlots")).toEqual([]);
  });

  it("a job isn't kept for ever: ten minutes after its deadline the rest is left to jobs-reconcile", async () => {
    const run = await runImageJob(
      { deadlineMs: 60_000 },
      {
        finishJob: () => {
          throw away();
        },
      },
    );
    expect(run.status).toBe("Failed");
    expect(run.elapsed).toBeGreaterThanOrEqual(660_000);
    expect(run.elapsed).toBeLessThan(680_000);
  });
});

describe("an operation that is asked for", () => {
  const dalle2 = { n: 2, protocol: "submit-poll", imagesPerCall: 10 } as const;
  const failure = errorInfo("upstreamUnavailable", "503");
  const unavailable = { kind: "unavailable", failure, retryAfterMs: 0, mayBeBilled: false } as const;

  it("many times is not lost by a service that is away afterwards: each kind of answer is counted for itself", async () => {
    const answers = [
      ...Array.from({ length: 20 }, () => ({ kind: "pending", retryAfterMs: 2_000 }) as const),
      ...Array.from({ length: 8 }, () => ({ ...unavailable, patienceMs: 86_400_000 })),
      { kind: "stored" } as const,
    ];
    const run = await runImageJob(dalle2, { collectOperation: () => answers.shift()! });
    expect(answers).toEqual([]);
    expect(run.of("failSlots")).toEqual([]);
  });

  it("and isn't done by the deadline is said to have been asked for", async () => {
    const run = await runImageJob(
      { ...dalle2, deadlineMs: 20_000 },
      { collectOperation: () => ({ kind: "pending", retryAfterMs: 5_000 }) },
    );
    const reason = { code: "deadlineExceeded", message: expect.stringContaining("may bill it") as string };
    expect(run.of("failSlots")).toMatchObject([{ input: { failure: reason } }]);
  });
});

describe("a service that isn't there", () => {
  const failure = errorInfo("upstreamUnavailable", "404");
  const times = async (patience: { patienceMs?: number }, mayBeBilled = false) => {
    const outcome = { kind: "unavailable", failure, retryAfterMs: 0, mayBeBilled, ...patience } as const;
    const run = await runImageJob({}, { renderImages: () => outcome });
    return run.of("renderImages").map(({ at }) => at);
  };

  it("is asked for about a minute", async () => {
    expect(await times({})).toEqual([0, 1_000, 3_000, 7_000, 15_000, 31_000, 63_000]);
  });

  it("is asked for as long as its answer is worth", async () => {
    expect((await times({ patienceMs: 120_000 })).at(-1)).toBe(123_000);
  });

  it("is asked three times in all where each may be billed", async () => {
    expect(await times({}, true)).toHaveLength(3);
  });
});

describe("a call whose images are to be fetched", () => {
  it("is run again when they are due, also past the deadline", async () => {
    const answers = [{ kind: "fetching", retryAfterMs: 45_000 }, { kind: "stored" }] as const;
    let turn = 0;
    const run = await runImageJob({ deadlineMs: 30_000 }, { renderImages: () => answers[turn++]! });
    expect(run.of("renderImages").map(({ at }) => at)).toEqual([0, 45_000]);
    expect(run.of("failSlots")).toEqual([]);
  });
});

describe("a call for which the instance has no place", () => {
  it("comes back at its turn, with pauses that grow to a quarter of a minute", async () => {
    let semaphore = 7;
    const run = await runImageJob(
      {},
      { renderImages: () => (semaphore-- > 0 ? { kind: "busy", retryAt: 0 } : { kind: "stored" }) },
    );
    const at = run.of("renderImages").map((call) => call.at);
    expect(at).toEqual([0, 1_000, 3_000, 7_000, 15_000, 30_000, 45_000, 60_000]);
  });
});

describe("a call that its quota pool has no room for", () => {
  it("comes back when it was told to, as often as it is", async () => {
    const afterMs = [70_000, 130_000];
    const deadlineMs = 600_000;
    let startedAt: number | undefined;
    const run = await runImageJob(
      { deadlineMs },
      {
        renderImages: ({ deadline }) => {
          startedAt ??= deadline - deadlineMs;
          const [after] = afterMs.splice(0, 1);
          return after === undefined ? { kind: "stored" } : { kind: "queued", until: startedAt + after };
        },
      },
    );
    expect(run.of("renderImages").map(({ at }) => at)).toEqual([0, 70_000, 130_000]);
  });

  it("has its deadline put off by what it waited, and by nothing else", async () => {
    const deadlines: number[] = [];
    const outcomes = [
      (deadline: number) => ({ kind: "queued" as const, until: deadline + 60_000 }),
      () => ({ kind: "throttled" as const, retryAfterMs: 5_000 }),
      () => ({ kind: "stored" as const }),
    ];
    const run = await runImageJob(
      { deadlineMs: 10_000 },
      {
        renderImages: ({ deadline }) => {
          deadlines.push(deadline);
          return outcomes.shift()?.(deadline) ?? { kind: "stored" };
        },
      },
    );
    expect(run.of("renderImages").map(({ at }) => at)).toEqual([0, 70_000, 75_000]);
    const [first = 0] = deadlines;
    expect(deadlines.map((deadline) => deadline - first)).toEqual([0, 70_000, 70_000]);
  });
});

import { describe, expect, it } from "vitest";
import { useDarkroom } from "../support/darkroom.ts";

// What 429s teach a deployment's pool holds for the tests after it: those that count on none have deployments of their own.
const darkroom = useDarkroom({
  settings: { JOB_DEADLINE_SECONDS: "30" },
  deployments: (place) =>
    ["dalle3", "milliseconds", "date", "header", "gone", "late", "endless"].map((name) => ({
      ...place(name, "dall-e-3"),
      deployment: "dalle3",
    })),
  settingsMatterToSome: true,
});

/** Spans in which an activity ran, read from the host's own log, in epoch milliseconds. */
function activitySpans(name: string): { from: number; to: number }[] {
  const line = new RegExp(`\\[(\\S+)\\] Execut(ing|ed) 'Functions\\.${name}' .*Id=([\\w-]+)`, "g");
  const spans = new Map<string, { from: number; to: number }>();
  for (const [, time = "", verb, id = ""] of darkroom.log.matchAll(line)) {
    const at = Date.parse(time);
    spans.set(id, {
      from: verb === "ing" ? at : (spans.get(id)?.from ?? at),
      to: verb === "ed" ? at : Infinity,
    });
  }
  return [...spans.values()];
}

describe("a job that is told twice to wait four seconds", () => {
  it("succeeds, calls no earlier than told, and runs nothing while it waits", async () => {
    const job = await darkroom.run({ deployment: "dalle3", prompt: "patience [[429=4 times=2]]" });
    expect(job).toMatchObject({ status: "succeeded", images: [{ index: 0 }] });
    expect(job.repeated_calls).toBeUndefined();

    const calls = await darkroom.calls("patience");
    expect(calls.map(({ status }) => status)).toEqual([429, 429, 200]);
    const waits = calls
      .slice(1)
      .map((call, index) => ({ from: calls[index]?.finished_at ?? 0, to: call.started_at }));
    for (const { from, to } of waits) expect(to - from).toBeGreaterThanOrEqual(4_000);

    // A step for each call and no other; and in the middle of each wait none is running.
    const spans = ["begin-job", "render-images", "finish-job", "fail-slots"].flatMap(activitySpans);
    expect(spans).toHaveLength(1 + calls.length + 1);
    for (const { from, to } of waits) {
      const middle = (from + to) / 2;
      expect(spans.filter((span) => span.from < middle && span.to > middle)).toEqual([]);
    }
  });
});

describe("a wait", () => {
  it.each([
    ["milliseconds", "429=700ms", 700],
    ["date", "429=date:2", 1_000],
    // Of a service that is busy.
    ["header", "503=1", 1_000],
  ])("told by %s is kept", async (deployment, words, least) => {
    await darkroom.run({ deployment, prompt: `told by ${deployment} [[${words} times=1]]` });
    const [first, second] = await darkroom.calls(`told by ${deployment}`);
    expect((second?.started_at ?? 0) - (first?.finished_at ?? 0)).toBeGreaterThanOrEqual(least);
  });

  it("longer than the job's deadline ends it at once, with a reason that says how long", async () => {
    const job = await darkroom.run({ deployment: "gone", prompt: "quota gone [[429=3600]]" });
    expect(job).toMatchObject({ status: "failed", error: { code: "throttled", retryable: true } });
    expect(job.error?.message).toContain("3600 s");
    expect(await darkroom.calls("quota gone")).toHaveLength(1);
  });

  it("of one slot doesn't hold up the others", async () => {
    const job = await darkroom.accept({ deployment: "late", n: 3, prompt: "one late [[429=3 nth=2]]" });
    await expect.poll(async () => (await darkroom.job(job.id)).images.length, { timeout: 20_000 }).toBe(2);
    expect(await darkroom.job(job.id)).toMatchObject({ status: "running", progress: 0.67 });
    expect((await darkroom.ended(job.id)).images).toHaveLength(3);
  });
});

it("a call that outlasts the deadline is cut off, and the job fails rather than hangs", async () => {
  darkroom.needOwnSettings();
  const job = await darkroom.run({ deployment: "endless", prompt: "never ends [[latency=600000]]" });
  expect(job).toMatchObject({ status: "failed" });
  expect(job.error?.code).toMatch(/deadlineExceeded|upstreamUnavailable/);
});
